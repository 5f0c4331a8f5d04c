// @openid4vc/openid4vp as a wallet that answers over HTTP (see serve.mjs). Presentations are made elsewhere.

import {createHash, createPublicKey, randomBytes, X509Certificate} from 'node:crypto';
import * as jose from 'jose';
import {clientAuthenticationNone, setGlobalConfig} from '@openid4vc/oauth2';
import {Openid4vpClient} from '@openid4vc/openid4vp';
import {serve} from './serve.mjs';

setGlobalConfig({allowInsecureUrls: true}); // the servers of the tests speak http on this machine

const METADATA = {
  vp_formats_supported: {'dc+sd-jwt': {'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256']}},
  client_id_prefixes_supported: ['redirect_uri', 'x509_san_dns', 'x509_hash', 'decentralized_identifier'],
  request_object_signing_alg_values_supported: ['ES256']
};

async function keyOfDid(url) {
  const [did] = url.split('#');
  if(did.startsWith('did:jwk:')) {
    return JSON.parse(Buffer.from(did.slice('did:jwk:'.length), 'base64url'));
  }
  const host = decodeURIComponent(did.slice('did:web:'.length));
  const document = await (await fetch(`http://${host}/.well-known/did.json`)).json();
  const method = document.verificationMethod.find(({id}) => id === url);
  if(!document.authentication.includes(url)) {
    throw new Error('the key is not for authentication');
  }
  return method.publicKeyJwk ?? multikey(method.publicKeyMultibase);
}

// A compressed P-256 point behind its multicodec header, in base58-btc.
function multikey(text) {
  let number = 0n;
  for(const letter of text.slice(1)) {
    number = number * 58n + BigInt('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'.indexOf(letter));
  }
  const point = Buffer.from(number.toString(16), 'hex').subarray(2);
  const head = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  return createPublicKey({key: Buffer.concat([head, point]), format: 'der', type: 'spki'}).export({format: 'jwk'});
}

async function keyOf(signer) {
  if(signer.method === 'did') {
    return keyOfDid(signer.didUrl);
  }
  if(signer.method === 'x5c') {
    return new X509Certificate(Buffer.from(signer.x5c[0], 'base64')).publicKey.export({format: 'jwk'});
  }
  throw new Error(`signed in another way: ${signer.method}`);
}

const client = new Openid4vpClient({callbacks: {
  hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
  generateRandom: length => randomBytes(length),
  clientAuthentication: clientAuthenticationNone({clientId: 'wallet'}),
  signJwt: () => { throw new Error('a wallet signs no answer here'); },
  decryptJwe: () => ({decrypted: false}),
  async verifyJwt(signer, {compact}) {
    const signerJwk = await keyOf(signer);
    try {
      await jose.compactVerify(compact, await jose.importJWK(signerJwk, signer.alg));
      return {verified: true, signerJwk};
    } catch {
      return {verified: false};
    }
  },
  async encryptJwe({publicJwk, alg, enc, apu, apv}, data) {
    const encrypt = new jose.CompactEncrypt(new TextEncoder().encode(data))
      .setProtectedHeader({alg, enc, kid: publicJwk.kid, ...(apu && {apu}), ...(apv && {apv})});
    return {encryptionJwk: publicJwk, jwe: await encrypt.encrypt(await jose.importJWK(publicJwk, alg))};
  },
  getX509CertificateMetadata(certificate) {
    const {subjectAltName = ''} = new X509Certificate(Buffer.from(certificate, 'base64'));
    const names = subjectAltName.split(', ');
    const of = kind => names.filter(name => name.startsWith(kind)).map(name => name.slice(kind.length));
    return {sanDnsNames: of('DNS:'), sanUriNames: of('URI:')};
  }
}});

await serve({
  // `method` in place of the one of the link; `wallet`: with what it says of itself, which it sends by POST.
  async resolve({link, method}) {
    const {params} = client.parseOpenid4vpAuthorizationRequest({authorizationRequest: link});
    const payload = method && params.request_uri ? {...params, request_uri_method: method} : params;
    return async () => {
      const {authorizationRequestPayload, client: asker, dcql, jar} =
        await client.resolveOpenId4vpAuthorizationRequest({authorizationRequestPayload: payload,
          wallet: {metadata: METADATA}});
      return {request: authorizationRequestPayload, asker, query: dcql.query, signed: jar !== undefined};
    };
  },

  async respond({request, vpToken, enc}) {
    return async () => {
      const jarm = enc && {encryption: {nonce: 'wallet'}, serverMetadata: {
        authorization_signing_alg_values_supported: [],
        authorization_encryption_alg_values_supported: ['ECDH-ES'],
        authorization_encryption_enc_values_supported: [enc]
      }};
      const answer = await client.createOpenid4vpAuthorizationResponse({authorizationRequestPayload: request,
        authorizationResponsePayload: {vp_token: vpToken}, ...(jarm && {jarm})});
      const {response} = await client.submitOpenid4vpAuthorizationResponse({authorizationRequestPayload: request,
        ...answer});
      return {status: response.status, body: await response.json()};
    };
  }
});
