/* The least that forwarding a packet can cost with one call for each: receive, open, seal, send.
   Ends say hello with "H" and their number; the two of a pair differ in the last bit. */

#include <arpa/inet.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>

#define MOST 1024 /* ends */

static srtp_t session(srtp_ssrc_type_t type, unsigned char *key) {
  srtp_policy_t policy;
  srtp_t made;
  memset(&policy, 0, sizeof policy);
  srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
  srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
  policy.ssrc.type = type;
  policy.key = key;
  policy.window_size = 1024;
  return srtp_create(&made, &policy) ? NULL : made;
}

int main(int count, char **said) { /* the address to listen on */
  static unsigned char key[44], data[2048];
  static struct sockaddr_in ends[MOST];
  static srtp_t in[MOST], out[MOST];
  static int by_port[65536];
  struct sockaddr_in own = {.sin_family = AF_INET}, from;
  socklen_t length = sizeof own;
  int wide = 8 << 20, way = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(way, SOL_SOCKET, SO_RCVBUFFORCE, &wide, sizeof wide);
  if (count != 2 || !inet_aton(said[1], &own.sin_addr) || srtp_init() || bind(way, (struct sockaddr *)&own, sizeof own)) return 1;
  getsockname(way, (struct sockaddr *)&own, &length);
  printf("%d\n", ntohs(own.sin_port));
  fflush(stdout);
  for (;;) {
    length = sizeof from;
    int size = recvfrom(way, data, sizeof data, 0, (struct sockaddr *)&from, &length);
    if (size < 3) continue;
    if (data[0] == 'H') {
      int number = (data[1] << 8 | data[2]) % MOST;
      by_port[ntohs(from.sin_port)] = number;
      ends[number] = from;
      in[number] = session(ssrc_any_inbound, key);
      out[number] = session(ssrc_any_outbound, key);
      continue;
    }
    int number = by_port[ntohs(from.sin_port)], other = number ^ 1;
    int is_report = data[1] >= 192 && data[1] <= 223;
    if (is_report ? srtp_unprotect_rtcp(in[number], data, &size)
                  : srtp_unprotect(in[number], data, &size)) continue;
    if (is_report ? srtp_protect_rtcp(out[other], data, &size)
                  : srtp_protect(out[other], data, &size)) continue;
    sendto(way, data, size, 0, (struct sockaddr *)&ends[other], sizeof ends[other]);
  }
}
