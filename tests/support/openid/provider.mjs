// An OpenID provider for tests. It reads its users and clients as JSON from standard input, and prints its issuer.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

// The packages lie in a directory of their own, which the first argument names.
const require = createRequire(join(process.argv[2], 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { default: Provider, errors } = await load('oidc-provider');
const { jwtVerify, createLocalJWKSet, exportJWK, generateKeyPair } = await load('jose');

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const { port, users, clients, skipper, audiences, login } = JSON.parse(await text(process.stdin));

const server = createServer();
await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const named = { alg: 'RS256', use: 'sig', kid: 'one' };
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), ...named }] });

// A scope such as `lives:3` makes a token of three seconds.
const lifetime = (scope) => Number(/\blives:(\d+)/.exec(scope ?? '')?.[1] ?? 600);
const resource = (audience) => ({
  audience,
  scope: 'groups lives:1 lives:2 lives:3 lives:8',
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
});

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...(await exportJWK(privateKey)), ...named }] },
  cookies: { keys: ['tests'] },
  claims: { openid: ['sub'], groups: ['groups'] },
  conformIdTokenClaims: false,
  scopes: ['openid', 'groups', 'lives:1', 'lives:2', 'lives:3', 'lives:8'],
  pkce: { required: () => true },
  findAccount: (_ctx, id) => users[id] && {
    accountId: id,
    claims: () => ({ sub: id, groups: users[id].groups }),
  },
  extraTokenClaims: (_ctx, token) => users[token.accountId] && { groups: users[token.accountId].groups },
  ttl: {
    AccessToken: (_ctx, token) => lifetime(token.scope),
    ClientCredentials: (_ctx, token) => lifetime(token.scope),
  },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // Clients that act for nobody name an audience, as Skipper does; people get tokens for Skipper.
      defaultResource: (ctx) => (audiences.includes(ctx.oidc.body?.audience) ? `urn:${ctx.oidc.body.audience}` : skipper),
      getResourceServerInfo: (_ctx, indicator) => resource(indicator.replace(/^urn:(?!skipper)/, '')),
      useGrantedResource: () => true,
    },
  },
});

provider.registerGrantType(EXCHANGE, async (ctx) => {
  const { client, params } = ctx.oidc;
  if (params.subject_token_type !== ACCESS_TOKEN || !params.subject_token) throw new errors.InvalidRequest('no subject token');
  if (!audiences.includes(params.audience)) throw new errors.InvalidTarget('unknown audience');
  const { payload } = await jwtVerify(params.subject_token, keys, { issuer, audience: skipper }).catch(() => {
    throw new errors.InvalidRequest('the subject token is not valid');
  });
  // What a provider could do wrongly: give out somebody else's token.
  const accountId = users[payload.sub]?.becomes ?? payload.sub;
  const token = new provider.AccessToken({ accountId, client, gty: 'token_exchange', scope: params.scope });
  token.resourceServer = new provider.ResourceServer(params.audience, resource(params.audience));
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: token.expiration,
  };
}, ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'scope']);

server.on('request', provider.callback());
console.log(issuer);
