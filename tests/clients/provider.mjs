// An OpenID provider whose code is not ours: oidc-provider, set as BankID or HelseID are: it takes only
// pushed requests, clients that show a key, proofs with its own nonce, and PKCE. Nobody has to prove
// anything: whoever comes is the one person that the test has named.
//   node provider.mjs '{"client": {…}, "account": {claims}, "level": "acr", "inIdToken": true}'
// prints {"port": …} when it listens. POST /test/logout?sid=… has it tell the client that somebody is
// signed out; POST /test/rotate has it sign with another key from then on.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const { Provider } = await import('oidc-provider');
const { client, account, level, inIdToken } = JSON.parse(process.argv[2]);

const signing = () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256',
    kid: randomBytes(8).toString('hex') };
};
const described = Object.keys(account).filter((name) => name !== 'sub');

const settings = (issuer) => ({
  clients: [{
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    userinfo_signed_response_alg: 'ES256',
    require_pushed_authorization_requests: true,
    backchannel_logout_session_required: true,
    ...client,
  }],
  jwks: { keys: [signing()] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  acrValues: [level],
  claims: { acr: null, auth_time: null, iss: null, sid: null, openid: ['sub'], profile: described },
  conformIdTokenClaims: !inIdToken,
  pkce: { required: () => true },
  // Its guard against addresses of this machine comes as the dispatcher; here everything is of it.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    jwtUserinfo: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ ...account, sub: id }) }),
  interactions: { url: (ctx, interaction) => `${issuer}/interaction/${interaction.uid}` },
  async loadExistingGrant(ctx) {
    const { oidc } = ctx;
    const grant = new oidc.provider.Grant(
      { clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope([...oidc.requestParamScopes].join(' '));
    grant.addOIDCClaims(described);
    await grant.save();
    return grant;
  },
});

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname.startsWith('/interaction/')) {
    const login = { accountId: account.sub, acr: level, amr: ['test'] };
    return provider.interactionFinished(request, response, { login });
  }
  if (url.pathname === '/test/logout') {
    const found = await provider.Client.find(client.client_id);
    const status = await found.backchannelLogout(account.sub, url.searchParams.get('sid'))
      .then(() => 200, (fault) => (console.error(fault), 502));
    return response.writeHead(status).end();
  }
  if (url.pathname === '/test/rotate') {
    provider = new Provider(issuer, settings(issuer));
    return response.writeHead(200).end();
  }
  return provider.callback()(request, response);
});
let issuer;
let provider;
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, settings(issuer));
  provider.on('server_error', (ctx, fault) => console.error(fault));
  console.log(JSON.stringify({ port: server.address().port }));
});
