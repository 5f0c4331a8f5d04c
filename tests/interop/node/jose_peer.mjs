// @sd-jwt/sd-jwt-vc and jose as a peer (see serve.mjs). Keys are JWKs and chosen by whoever asks.

import {createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify} from 'node:crypto';
import * as jose from 'jose';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import {serve} from './serve.mjs';

const HASHES = {ES256: 'sha256', ES384: 'sha384', EdDSA: null};

function signerOf(jwk, alg) {
  const key = createPrivateKey({key: jwk, format: 'jwk'});
  return data => sign(HASHES[alg], Buffer.from(data), {key, dsaEncoding: 'ieee-p1363'}).toString('base64url');
}

function verifierOf(jwk, alg) {
  const key = createPublicKey({key: jwk, format: 'jwk'});
  const options = {key, dsaEncoding: 'ieee-p1363'};
  return (data, signature) => verify(HASHES[alg], Buffer.from(data), options, Buffer.from(signature, 'base64url'));
}

const algorithmOf = ({crv}) => ({Ed25519: 'EdDSA', 'P-256': 'ES256', 'P-384': 'ES384'})[crv];

function sdJwt({issuerKey, holderKey, secret}) {
  const config = {
    hashAlg: 'sha-256',
    hasher: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
    saltGenerator: length => randomBytes(length).toString('base64url')
  };
  if(issuerKey) {
    const signAlg = algorithmOf(issuerKey);
    Object.assign(config, {signAlg, [secret ? 'signer' : 'verifier']: (secret ? signerOf : verifierOf)(issuerKey, signAlg)});
  }
  if(holderKey) {
    const kbSignAlg = algorithmOf(holderKey);
    Object.assign(config, {kbSignAlg, kbSigner: signerOf(holderKey, kbSignAlg)});
  }
  // The holder's key is the one that the issuer named.
  config.kbVerifier = (data, signature, {cnf}) => verifierOf(cnf.jwk, algorithmOf(cnf.jwk))(data, signature);
  return new SDJwtVcInstance(config);
}

await serve({
  async sdJwtIssue({issuerKey, claims, frame, header}) {
    const instance = sdJwt({issuerKey, secret: true});
    return async () => instance.issue(claims, frame, {header});
  },

  async sdJwtPresent({holderKey, token, frame, nonce, audience, iat}) {
    const instance = sdJwt({holderKey});
    return async () => instance.present(token, frame, {kb: {payload: {iat, aud: audience, nonce}}});
  },

  // The library leaves the audience to whoever calls it.
  async sdJwtVerify({issuerKey, token, nonce, audience}) {
    const instance = sdJwt({issuerKey});
    return async () => {
      const {payload, kb} = await instance.verify(token, {keyBindingNonce: nonce});
      if(kb.payload.aud !== audience) {
        throw new Error('made for another audience');
      }
      return payload;
    };
  },

  async jwtSign({key, alg, header, payload}) {
    const secret = await jose.importJWK(key, alg);
    return async () => new jose.SignJWT(payload).setProtectedHeader({alg, ...header}).sign(secret);
  },

  async jwtVerify({key, alg, typ, audience, token}) {
    const publicKey = await jose.importJWK(key, alg);
    return async () => (await jose.jwtVerify(token, publicKey, {algorithms: [alg], typ, audience})).payload;
  },

  async jweEncrypt({key, text}) {
    const publicKey = await jose.importJWK(key, 'ECDH-ES+A256KW');
    return async () => new jose.CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({alg: 'ECDH-ES+A256KW', enc: 'A256GCM'}).encrypt(publicKey);
  },

  async jweDecrypt({key, token}) {
    const secret = await jose.importJWK(key, 'ECDH-ES+A256KW');
    return async () => new TextDecoder().decode((await jose.compactDecrypt(token, secret)).plaintext);
  },

  async thumbprint({key}) {
    return async () => jose.calculateJwkThumbprint(key);
  }
});
