// An issuer and a verifier built on @openid4vc: HTTP on a port of its own, told what to do on standard input (serve.mjs).
//
// Each `offer` makes a credential issuer with a path of its own, so that one process serves every kind of issuer.
// `twist` names the one thing an issuer or verifier does wrong; our wallet has to notice.

import crypto from 'node:crypto';
import http from 'node:http';
import {Oauth2AuthorizationServer, Oauth2ResourceServer} from '@openid4vc/oauth2';
import {Openid4vciIssuer} from '@openid4vc/openid4vci';
import {calculateX509HashClientIdPrefixValue, Openid4vpVerifier} from '@openid4vc/openid4vp';
import {setGlobalConfig} from '@openid4vc/utils';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import * as jose from 'jose';
import {signLdp, verifyLdp} from './openid4vc_ldp.mjs';
import {serve} from './serve.mjs';

setGlobalConfig({allowInsecureUrls: true});

const PRE = 'urn:ietf:params:oauth:grant-type:pre-authorized_code';
const VCT = 'https://credentials.example/library_card';
const issuers = new Map();
const asked = new Map();
let base;

const random = n => crypto.randomBytes(n);
const token = () => random(24).toString('base64url');
const clone = value => JSON.parse(JSON.stringify(value));
const now = () => Math.floor(Date.now() / 1000);
const didJwk = jwk => 'did:jwk:' + Buffer.from(JSON.stringify(jwk)).toString('base64url');

async function newKey(alg) {
  const {publicKey, privateKey} = await jose.generateKeyPair(alg, {extractable: true});
  return {alg, privateKey, jwk: await jose.exportJWK(publicKey), secret: await jose.exportJWK(privateKey)};
}

const signingKey = await newKey('ES256');
const issuerDid = didJwk(signingKey.jwk);

// The public key that a signer of @openid4vc stands for.
function jwkOf(signer) {
  if(signer.method === 'jwk') {
    return signer.publicJwk;
  }
  if(signer.method === 'x5c') {
    return certificateOf(signer.x5c).publicKey.export({format: 'jwk'});
  }
  const did = signer.didUrl.split('#')[0];
  if(did.startsWith('did:jwk:')) {
    return JSON.parse(Buffer.from(did.slice(8), 'base64url').toString());
  }
  return keyOfDid(did);
}

const certificateOf = x5c => new crypto.X509Certificate(Buffer.from(x5c[0], 'base64'));

function keyOfDid(did) {
  const bytes = base58(did.slice('did:key:z'.length));
  if(bytes[0] === 0xed) {
    return {kty: 'OKP', crv: 'Ed25519', x: Buffer.from(bytes.slice(2)).toString('base64url')};
  }
  const uncompressed = crypto.ECDH.convertKey(bytes.slice(2), 'prime256v1', undefined, undefined, 'uncompressed');
  return {kty: 'EC', crv: 'P-256', x: uncompressed.subarray(1, 33).toString('base64url'),
    y: uncompressed.subarray(33).toString('base64url')};
}

function base58(text) {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = 0n;
  for(const sign of text) {
    number = number * 58n + BigInt(alphabet.indexOf(sign));
  }
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 ? '0' + hex : hex, 'hex');
}

const callbacks = {
  hash: (data, alg) => crypto.createHash(alg.replace('-', '').toLowerCase()).update(data).digest(),
  generateRandom: random,
  clientAuthentication: () => {},
  fetch,
  async signJwt(signer, {header, payload}) {
    const key = signer.key ?? signingKey;
    const {alg, ...more} = header;
    const jwt = await new jose.SignJWT(payload).setProtectedHeader({alg: key.alg, ...more}).sign(key.privateKey);
    return {jwt, signerJwk: key.jwk};
  },
  async verifyJwt(signer, {compact}) {
    const jwk = jwkOf(signer);
    try {
      await jose.compactVerify(compact, await jose.importJWK(jwk, signer.alg));
      return {verified: true, signerJwk: jwk};
    } catch {
      return {verified: false};
    }
  },
  async decryptJwe(jwe) {
    const {kid} = jose.decodeProtectedHeader(jwe);
    const key = [...asked.values()].find(each => each.sealing?.jwk.kid === kid)?.sealing;
    try {
      const {plaintext} = await jose.compactDecrypt(jwe, key.privateKey);
      return {decrypted: true, payload: new TextDecoder().decode(plaintext), decryptionJwk: key.secret};
    } catch {
      return {decrypted: false};
    }
  }
};

const issuerLibrary = new Openid4vciIssuer({callbacks});
const server = new Oauth2AuthorizationServer({callbacks});
const resource = new Oauth2ResourceServer({callbacks});
const verifierLibrary = new Openid4vpVerifier({callbacks});

// The issuer ----------------------------------------------------------------------------------------------------------

function configurationsOf({algs, bindings, demand}) {
  const proofs = {proof_types_supported: {jwt: {proof_signing_alg_values_supported: algs ?? ['ES256', 'EdDSA'],
    ...(demand ? {key_attestations_required: demand} : {})}}};
  const type = ['VerifiableCredential', 'LibraryCard'];
  const dids = bindings ?? ['did:key', 'did:jwk'];
  return {
    'card-sd': {format: 'dc+sd-jwt', vct: VCT, scope: 'card-sd', ...proofs,
      cryptographic_binding_methods_supported: bindings ?? ['jwk'],
      credential_metadata: {display: [{name: 'Library card', locale: 'en'}]}},
    'card-jwt': {format: 'jwt_vc_json', scope: 'card-jwt', credential_definition: {type}, ...proofs,
      cryptographic_binding_methods_supported: dids},
    'card-ldp': {format: 'ldp_vc', scope: 'card-ldp', ...proofs, cryptographic_binding_methods_supported: dids,
      credential_definition: {'@context': ['https://www.w3.org/ns/credentials/v2'],
        type: ['VerifiableCredential', 'AchievementCredential']}}
  };
}

async function offer({kind, grant = 'pre', txCode, dpop = false, dpopNonce = false, seal = false, deferred = false,
  copies = 1, twist, attester, metadataAt = 'inserted', ...more}) {
  const id = token().slice(0, 8);
  const identifier = `${base}/i/${id}`;
  const state = {id, identifier, kind, grant, txCode, dpop, dpopNonce, deferred, copies, twist, attester, metadataAt,
    code: token(), nonces: new Set(), seen: [], notified: [], waiting: new Map(), nonce: token()};
  const key = seal ? await newSealingKey() : null;
  state.sealing = key;
  state.metadata = issuerLibrary.createCredentialIssuerMetadata({
    credential_issuer: identifier, credential_endpoint: `${identifier}/credential`,
    nonce_endpoint: `${identifier}/nonce`, notification_endpoint: `${identifier}/notification`,
    deferred_credential_endpoint: `${identifier}/deferred`, batch_credential_issuance: {batch_size: 5},
    credential_configurations_supported: configurationsOf(more),
    ...(seal ? {
      credential_response_encryption: {alg_values_supported: ['ECDH-ES'], enc_values_supported: ['A128GCM'],
        encryption_required: true},
      credential_request_encryption: {jwks: {keys: [key.jwk]}, enc_values_supported: ['A128GCM'],
        encryption_required: true}} : {})
  });
  state.server = server.createAuthorizationServerMetadata({
    issuer: identifier, token_endpoint: `${identifier}/token`, authorization_endpoint: `${identifier}/authorize`,
    pushed_authorization_request_endpoint: `${identifier}/par`, code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true, 'pre-authorized_grant_anonymous_access_supported': true,
    authorization_details_types_supported: ['openid_credential'],
    ...(dpop ? {dpop_signing_alg_values_supported: ['ES256']} : {})
  });
  issuers.set(id, state);
  const {credentialOffer} = await issuerLibrary.createCredentialOffer({
    credentialConfigurationIds: [kind], issuerMetadata: {credentialIssuer: state.metadata, authorizationServers:
      [state.server], knownCredentialConfigurations: state.metadata.credential_configurations_supported},
    grants: grant === 'code' ? {authorization_code: {issuer_state: state.code}} : {[PRE]: {
      'pre-authorized_code': state.code, ...(txCode ? {tx_code: {length: txCode.length}} : {})}}
  });
  return {offer: credentialOffer, id};
}

async function newSealingKey() {
  const key = await newKey('ECDH-ES');
  Object.assign(key.jwk, {kid: token().slice(0, 8), alg: 'ECDH-ES', use: 'enc'});
  return key;
}

class Refusal extends Error {
  constructor(status, body, headers = {}) {
    super(body.error);
    Object.assign(this, {status, body, headers});
  }
}

// What a library threw, as an answer.
function refused(error) {
  if(error instanceof Refusal) {
    return error;
  }
  if(error.wwwAuthenticateHeaders) {
    return new Refusal(401, {error: 'invalid_token', error_description: String(error.message)});
  }
  return new Refusal(400, error.errorResponse ?? {error: 'invalid_request', error_description: String(error.message)});
}

const requestOf = ({method, url, headers}) => ({method, url, headers: new Headers(headers)});

// A DPoP proof without the newest nonce is sent back for it (RFC9449 #section-8).
function demandDpopNonce(state, request, status) {
  if(!state.dpop || !state.dpopNonce) {
    return;
  }
  const proof = request.headers.dpop;
  if(!proof || jose.decodeJwt(proof).nonce !== state.nonce) {
    throw new Refusal(status, {error: 'use_dpop_nonce'}, {'DPoP-Nonce': state.nonce});
  }
}

async function giveToken(state, request) {
  const parameters = Object.fromEntries(new URLSearchParams(request.body));
  const parsed = server.parseAccessTokenRequest({accessTokenRequest: parameters, request: requestOf(request)});
  demandDpopNonce(state, request, 400);
  const common = {grant: parsed.grant, request: requestOf(request), authorizationServerMetadata: state.server,
    dpop: {required: state.dpop, jwt: parsed.dpop?.jwt, allowedSigningAlgs: ['ES256']}};
  if(state.spent) {
    throw new Refusal(400, {error: 'invalid_grant'});
  }
  let dpop;
  if(state.grant === 'code') {
    ({dpop} = await server.verifyAuthorizationCodeAccessTokenRequest({...common, expectedCode: state.authorized.code,
      accessTokenRequest: parsed.accessTokenRequest, pkce: {codeChallenge: state.authorized.challenge,
        codeChallengeMethod: 'S256', codeVerifier: parsed.pkceCodeVerifier}}));
    if(parameters.redirect_uri !== state.authorized.redirectUri) {
      throw new Refusal(400, {error: 'invalid_grant'});
    }
  } else {
    ({dpop} = await server.verifyPreAuthorizedCodeAccessTokenRequest({...common, expectedPreAuthorizedCode: state.code,
      expectedTxCode: state.txCode, accessTokenRequest: parsed.accessTokenRequest}));
  }
  state.spent = true;
  return server.createAccessTokenResponse({
    audience: state.identifier, authorizationServer: state.identifier, expiresInSeconds: 300, subject: 'somebody',
    clientId: parameters.client_id, dpop, signer: {method: 'jwk', alg: 'ES256', publicJwk: signingKey.jwk},
    additionalAccessTokenResponsePayload: state.twist === 'details' ? {authorization_details: [{
      type: 'openid_credential', credential_configuration_id: 'another', credential_identifiers: ['x']}]} : undefined});
}

async function push(state, request) {
  const parameters = Object.fromEntries(new URLSearchParams(request.body));
  const {authorizationRequest} = await server.parsePushedAuthorizationRequest({
    authorizationRequest: parameters, request: requestOf(request)});
  if(authorizationRequest.code_challenge_method !== 'S256' || authorizationRequest.issuer_state !== state.code) {
    throw new Refusal(400, {error: 'invalid_request'});
  }
  state.pushed = {uri: 'urn:ietf:params:oauth:request_uri:' + token(), ...authorizationRequest};
  return server.createPushedAuthorizationResponse({requestUri: state.pushed.uri, expiresInSeconds: 60})
    .pushedAuthorizationResponse;
}

// Whoever comes with the pushed request is let in at once.
function authorize(state, query) {
  const pushed = state.pushed;
  if(query.get('request_uri') !== pushed?.uri || query.get('client_id') !== pushed.client_id) {
    throw new Refusal(400, {error: 'invalid_request'});
  }
  state.authorized = {code: token(), challenge: pushed.code_challenge, redirectUri: pushed.redirect_uri};
  const answer = {code: state.authorized.code, state: pushed.state, iss: state.identifier};
  if(state.twist === 'iss') {
    answer.iss = `${base}/i/another`;
  } else if(state.twist === 'no iss') {
    delete answer.iss;
  } else if(state.twist === 'denied') {
    Object.assign(answer, {code: undefined, error: 'access_denied'});
  }
  const location = new URL(pushed.redirect_uri);
  for(const [name, value] of Object.entries(clone(answer))) {
    location.searchParams.set(name, value);
  }
  return location.href;
}

async function checkAccess(state, request) {
  if(request.headers.authorization?.startsWith('DPoP')) {
    demandDpopNonce(state, request, 401);
  }
  await resource.verifyResourceRequest({
    authorizationServers: [{...state.server, jwks_uri: `${state.identifier}/jwks`}], request: requestOf(request),
    resourceServer: state.identifier});
}

async function openedBody(state, request) {
  if(!state.sealing) {
    return JSON.parse(request.body);
  }
  if(request.headers['content-type'] !== 'application/jwt') {
    throw new Refusal(400, {error: 'invalid_encryption_parameters'});
  }
  const {plaintext} = await jose.compactDecrypt(request.body, state.sealing.privateKey);
  return JSON.parse(new TextDecoder().decode(plaintext));
}

async function giveCredential(state, request) {
  await checkAccess(state, request);
  const message = await openedBody(state, request);
  const parsed = issuerLibrary.parseCredentialRequest({credentialRequest: message, issuerMetadata: {
    credentialIssuer: state.metadata, authorizationServers: [state.server],
    knownCredentialConfigurations: state.metadata.credential_configurations_supported}});
  const [proof] = parsed.proofs.jwt;
  const {nonce, iss} = jose.decodeJwt(proof);
  if(!state.nonces.delete(nonce) || (state.twist === 'stale' && state.seen.push(nonce) === 1)) {
    throw new Refusal(400, {error: 'invalid_nonce'});
  }
  const {signer, keyAttestation} = await issuerLibrary.verifyCredentialRequestJwtProof({
    expectedNonce: nonce, jwt: proof, clientId: iss, issuerMetadata: {credentialIssuer: state.metadata}});
  if(state.attester && !certificateOf(keyAttestation.header.x5c).verify(
    new crypto.X509Certificate(state.attester).publicKey)) {
    throw new Refusal(400, {error: 'invalid_proof'});
  }
  const make = async () => ({credentials: await issue(state, signer), notification_id: token()});
  if(state.deferred) {
    const id = token();
    state.waiting.set(id, {make, left: 1});
    return seal(state, message, issuerLibrary.createCredentialResponse({
      credentialRequest: parsed, transactionId: id, interval: 30}), 202);
  }
  const {credentials, notification_id: notificationId} = await make();
  return seal(state, message, issuerLibrary.createCredentialResponse({
    credentialRequest: parsed, credentials, notificationId}), 200);
}

async function giveDeferred(state, request) {
  await checkAccess(state, request);
  const message = await openedBody(state, request);
  const {deferredCredentialRequest} = issuerLibrary.parseDeferredCredentialRequest({deferredCredentialRequest: message});
  const waiting = state.waiting.get(deferredCredentialRequest.transaction_id);
  if(!waiting) {
    throw new Refusal(400, {error: 'invalid_transaction_id'});
  }
  if(waiting.left-- > 0) {
    return seal(state, message, {transaction_id: deferredCredentialRequest.transaction_id, interval: 30}, 202);
  }
  return seal(state, message, await waiting.make(), 200);
}

async function seal(state, message, answer, status) {
  if(!state.sealing || state.twist === 'unsealed') {
    return {status, body: answer};
  }
  const {jwk, enc} = message.credential_response_encryption;
  const key = state.twist === 'sealed for another' ? (await newSealingKey()).jwk : jwk;
  const text = await new jose.CompactEncrypt(new TextEncoder().encode(JSON.stringify(answer)))
    .setProtectedHeader({alg: 'ECDH-ES', enc, kid: jwk.kid}).encrypt(await jose.importJWK(key, 'ECDH-ES'));
  return {status, text, type: 'application/jwt'};
}

async function issue(state, signer) {
  const credentials = [];
  for(let copy = 0; copy < state.copies; ++copy) {
    credentials.push({credential: spoiled(state, await issueOne(state, signer)), more: 'unknown members are ignored'});
  }
  return credentials;
}

// A claim changed after it was signed.
function spoiled({twist}, credential) {
  if(twist !== 'claim') {
    return credential;
  }
  if(typeof credential !== 'string') {
    credential.credentialSubject.achievement.name = 'Something else';
    return credential;
  }
  const [jwt, ...disclosures] = credential.split('~');
  const [head, payload, signature] = jwt.split('.');
  const said = Buffer.from(payload, 'base64url').toString().replace('"iat"', '"iaT"').replace('"jti"', '"jtj"');
  return [[head, Buffer.from(said).toString('base64url'), signature].join('.'), ...disclosures].join('~');
}

async function issueOne({kind, twist, identifier}, signer) {
  const other = twist === 'holder' ? (await newKey('ES256')).jwk : null;
  const jwk = other ?? jwkOf(signer);
  const subject = other ? didJwk(other) : signer.didUrl?.split('#')[0];
  const key = twist === 'signature' ? await newKey('ES256') : signingKey;
  const expired = twist === 'expired';
  if(kind === 'card-sd') {
    const sdJwt = new SDJwtVcInstance({
      signer: async data => Buffer.from(crypto.sign('sha256', Buffer.from(data), {
        key: crypto.createPrivateKey({key: key.secret, format: 'jwk'}), dsaEncoding: 'ieee-p1363'})).toString('base64url'),
      signAlg: 'ES256', hasher: (data, alg) => crypto.createHash('sha256').update(data).digest(), hashAlg: 'sha-256',
      saltGenerator: () => random(16).toString('base64url')});
    const bound = signer.method === 'did' && !other ? {kid: signer.didUrl} : {jwk};
    return sdJwt.issue({
      iss: issuerDid, iat: now() - 60, vct: twist === 'kind' ? VCT + '2' : VCT, cnf: bound,
      ...(expired ? {exp: now() - 10} : {}), family_name: 'Hernández', library: 'Moab', shelf_marks: ['QA', 'PQ'],
      address: {city: 'Moab', zip: '84532'}
    }, {_sd: ['family_name', 'library', 'address'], shelf_marks: {_sd: [0, 1]}}, {header: {kid: `${issuerDid}#0`}});
  }
  if(kind === 'card-jwt') {
    const type = ['VerifiableCredential', twist === 'kind' ? 'OtherCard' : 'LibraryCard'];
    const claims = {jti: `urn:uuid:${crypto.randomUUID()}`, iss: issuerDid, sub: subject, nbf: now() - 60, vc: {
      '@context': ['https://www.w3.org/2018/credentials/v1'], type, issuer: issuerDid,
      credentialSubject: {id: subject, familyName: 'Hernández', library: 'Moab'}}};
    claims.vc.issuanceDate = new Date(claims.nbf * 1000).toISOString().replace('.000', '');
    if(expired) {
      claims.exp = now() - 10;
    }
    return new jose.SignJWT(claims).setProtectedHeader({alg: 'ES256', typ: 'JWT', kid: `${issuerDid}#0`})
      .sign(key.privateKey);
  }
  return signLdp({subject, twist, identifier, days: expired ? -1 : 30});
}

// The verifier --------------------------------------------------------------------------------------------------------

async function ask({prefix, mode = 'direct_post', method, by = 'reference', query, certificate, key, origin, twist,
  encs, noState = false}) {
  const id = token().slice(0, 8);
  const responseUri = `${origin ?? base}/v/${id}/response`;
  const signing = key ? {alg: 'ES256', privateKey: await jose.importPKCS8(key, 'ES256')} : signingKey;
  const x5c = certificate ? [certificate] : undefined;
  const identifiers = {
    redirect_uri: responseUri, decentralized_identifier: didJwk(signingKey.jwk), x509_san_dns: 'localhost',
    x509_hash: x5c && await calculateX509HashClientIdPrefixValue({x509Certificate: x5c[0], hash: callbacks.hash})
  };
  const state = {id, mode, twist, nonce: token(), state: noState ? undefined : token(), query, results: [],
    sealing: mode === 'direct_post.jwt' ? await newSealingKey() : null};
  const payload = clone({
    response_type: 'vp_token', client_id: `${prefix}:${identifiers[prefix]}`, response_uri: responseUri,
    response_mode: mode, nonce: state.nonce, state: state.state, dcql_query: query,
    client_metadata: {...(state.sealing ? {jwks: {keys: [state.sealing.jwk]},
      encrypted_response_enc_values_supported: encs} : {}), vp_formats_supported: {
      'dc+sd-jwt': {'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256', 'EdDSA']},
      jwt_vc_json: {alg_values: ['ES256', 'EdDSA']}, ldp_vc: {proof_type_values: ['DataIntegrityProof']}}},
    ...(twist === 'transaction' ? {transaction_data: [Buffer.from('{"type":"x","credential_ids":["card"]}')
      .toString('base64url')]} : {})
  });
  state.payload = payload;
  asked.set(id, state);
  const uri = `${base}/v/${id}/request`;
  state.make = async walletNonce => {
    const signer = x5c ? {method: 'x5c', alg: 'ES256', x5c, key: signing} :
      {method: 'did', alg: 'ES256', didUrl: didJwk(signingKey.jwk) + '#0',
        key: twist === 'signature' ? await newKey('ES256') : signing};
    const additional = {aud: twist === 'audience' ? uri : 'https://self-issued.me/v2',
      ...(walletNonce ? {wallet_nonce: twist === 'wallet nonce' ? 'other' : walletNonce} : {})};
    return verifierLibrary.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: {...payload, ...(twist === 'client' ? {client_id: payload.client_id + 'x'} : {})},
      jar: prefix === 'redirect_uri' ? undefined : {jwtSigner: signer, expiresInSeconds: 120,
        requestUri: by === 'reference' ? uri : undefined, additionalJwtPayload: additional}});
  };
  const {authorizationRequest, authorizationRequestObject} = await state.make();
  state.object = authorizationRequestObject;
  if(prefix === 'redirect_uri') {
    return {request: authorizationRequest, id};
  }
  const link = {client_id: payload.client_id, ...(by === 'reference' ? {request_uri: uri} :
    {request: authorizationRequestObject.request}), ...(method ? {request_uri_method: method} : {})};
  return {request: 'openid4vp://?' + new URLSearchParams(link), id};
}

async function giveRequest(state, request) {
  const walletNonce = new URLSearchParams(request.body).get('wallet_nonce');
  const {jar} = await state.make(walletNonce);
  return {status: 200, text: jar.authorizationRequestJwt, type: 'application/oauth-authz-req+jwt'};
}

async function takeAnswer(state, request) {
  const parameters = Object.fromEntries(new URLSearchParams(request.body));
  if(parameters.error) {
    state.results.push({error: parameters.error, state: parameters.state});
    return {status: 200, body: {}};
  }
  if(parameters.vp_token) {
    parameters.vp_token = JSON.parse(parameters.vp_token);
  }
  const parsed = await verifierLibrary.parseOpenid4vpAuthorizationResponse({
    authorizationResponse: parameters, callbacks, authorizationRequestPayload: state.payload});
  const answer = parsed.authorizationResponsePayload;
  const shown = {};
  for(const [id, presentations] of Object.entries(verifierLibrary.parseDcqlVpToken(answer.vp_token))) {
    if(!Array.isArray(presentations)) {
      throw new Refusal(400, {error: 'invalid_request'});
    }
    const entry = state.query.credentials.find(each => each.id === id);
    shown[id] = await Promise.all(presentations.map(each => check(each, entry, state)));
  }
  state.results.push({shown, state: answer.state, sealed: Boolean(parsed.jarm), raw: answer.vp_token,
    enc: parameters.response && jose.decodeProtectedHeader(parameters.response)});
  return {status: 200, body: {redirect_uri: `${base}/v/${state.id}/done#response_code=${token()}`}};
}

// One presentation: whose it is, and what it shows. `twist` asks for another nonce or audience than was sent.
async function check(presentation, {format, require_cryptographic_holder_binding: bound = true}, {twist, nonce, payload}) {
  const wanted = {nonce: twist === 'other nonce' ? 'other' : nonce,
    audience: twist === 'other audience' ? payload.client_id.split(':').slice(1).join(':') : payload.client_id};
  if(format === 'dc+sd-jwt') {
    return checkSdJwt(presentation, wanted, bound);
  }
  if(format === 'jwt_vc_json') {
    return checkJwt(presentation, wanted, bound);
  }
  return verifyLdp(presentation, {...wanted, bound});
}

const keyed = async (jwk, alg) => jose.importJWK(jwk, alg ?? (jwk.kty === 'OKP' ? 'EdDSA' : 'ES256'));

async function checkSdJwt(text, wanted, bound) {
  const verified = (jwk, data, signature) => crypto.verify(jwk.kty === 'OKP' ? null : 'sha256', Buffer.from(data), {
    key: crypto.createPublicKey({key: jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'}, Buffer.from(signature, 'base64url'));
  const sdJwt = new SDJwtVcInstance({
    hasher: data => crypto.createHash('sha256').update(data).digest(), hashAlg: 'sha-256',
    verifier: (data, signature) => verified(signingKey.jwk, data, signature),
    kbVerifier: (data, signature, payload) => verified(payload.cnf.jwk ?? jwkOf({didUrl: payload.cnf.kid}), data, signature)});
  if(bound === false) {
    return {bound: false, claims: (await sdJwt.verify(text)).payload};
  }
  const {payload, kb} = await sdJwt.verify(text, {keyBindingNonce: wanted.nonce});
  if(kb.payload.aud !== wanted.audience) {
    throw new Refusal(400, {error: 'invalid_request', error_description: 'another audience'});
  }
  return {bound: true, claims: payload};
}

async function checkJwt(text, wanted, bound) {
  const credential = async jwt => (await jose.jwtVerify(jwt, await keyed(signingKey.jwk))).payload;
  if(bound === false) {
    return {bound: false, claims: (await credential(text)).vc.credentialSubject};
  }
  const {kid} = jose.decodeProtectedHeader(text);
  const {payload} = await jose.jwtVerify(text, await keyed(jwkOf({didUrl: kid})), {audience: wanted.audience});
  const [inner] = payload.vp.verifiableCredential;
  const {vc, sub} = await credential(inner);
  if(payload.nonce !== wanted.nonce || sub !== kid.split('#')[0] || payload.iss !== sub) {
    throw new Refusal(400, {error: 'invalid_request', error_description: 'another nonce or holder'});
  }
  return {bound: true, claims: vc.credentialSubject};
}

// HTTP ----------------------------------------------------------------------------------------------------------------

async function answer(request) {
  const {pathname, searchParams} = new URL(request.url);
  const known = [...issuers.values()];
  for(const [name, part] of [['openid-credential-issuer', 'metadata'], ['oauth-authorization-server', 'server']]) {
    const state = known.find(each => pathname === (each.metadataAt === 'inserted' ?
      `/.well-known/${name}/i/${each.id}` : `/i/${each.id}/.well-known/${name}`));
    if(state) {
      return {status: 200, body: state[part]};
    }
  }
  const [, kind, id, act] = pathname.split('/');
  const state = (kind === 'i' ? issuers : asked).get(id);
  const acts = kind === 'i' ? {
    token: async () => ({status: 200, body: await giveToken(state, request)}),
    nonce: async () => {
      const nonce = token();
      state.nonces.add(nonce);
      return {status: 200, body: issuerLibrary.createNonceResponse({cNonce: nonce})};
    },
    par: async () => ({status: 201, body: await push(state, request)}),
    authorize: async () => ({status: 302, location: authorize(state, searchParams)}),
    jwks: async () => ({status: 200, body: {keys: [{...signingKey.jwk, alg: 'ES256', use: 'sig'}]}}),
    credential: () => giveCredential(state, request),
    deferred: () => giveDeferred(state, request),
    notification: async () => {
      await checkAccess(state, request);
      state.notified.push(JSON.parse(request.body).event);
      return {status: 204};
    }
  } : {request: () => giveRequest(state, request), response: () => takeAnswer(state, request)};
  if(!state || !acts[act]) {
    return {status: 404, body: {error: 'not_found'}};
  }
  return acts[act]();
}

const listener = http.createServer((incoming, outgoing) => {
  const chunks = [];
  incoming.on('data', chunk => chunks.push(chunk));
  incoming.on('end', async () => {
    let given;
    let headers = {};
    try {
      given = await answer({method: incoming.method, url: base + incoming.url, headers: incoming.headers,
        body: Buffer.concat(chunks).toString()});
    } catch(error) {
      const refusal = refused(error);
      ({headers} = refusal);
      given = {status: refusal.status, body: refusal.body};
    }
    outgoing.writeHead(given.status, {'Content-Type': given.type ?? 'application/json', 'Cache-Control': 'no-store',
      ...(given.location ? {Location: given.location} : {}), ...headers});
    outgoing.end(given.text ?? (given.body === undefined ? undefined : JSON.stringify(given.body)));
  });
});

await new Promise(resolve => listener.listen(0, '127.0.0.1', resolve));
base = `http://localhost:${listener.address().port}`;

serve({
  offer: request => () => offer(request),
  ask: request => () => ask(request),
  state: ({id}) => () => {
    const found = issuers.get(id) ?? asked.get(id);
    return {notified: found.notified, results: found.results};
  }
}).then(() => listener.close());
