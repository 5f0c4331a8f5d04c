// A wallet of VC-API exchanges, and a server of them, after the published interface (VCALM, VP-REQUEST), with Digital
// Bazaar's libraries: what the Learner Credential Wallet and its issuers do (see serve.mjs). Contexts are handed in.

import http from 'node:http';
import {randomBytes} from 'node:crypto';
import * as vc from '@digitalbazaar/vc';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite as ecdsaRdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {serve} from './serve.mjs';

const MULTIKEY_V1 = 'https://w3id.org/security/multikey/v1';
const ED25519_2020_V1 = 'https://w3id.org/security/suites/ed25519-2020/v1';
const LEGACY = 'Ed25519Signature2020';
const CRYPTOSUITES = {'eddsa-rdfc-2022': eddsaRdfc2022, 'ecdsa-rdfc-2019': ecdsaRdfc2019};

const contexts = new Map();

function suiteOf(name, signer) {
  return name === LEGACY ? new Ed25519Signature2020({signer}) :
    new DataIntegrityProof({signer, cryptosuite: CRYPTOSUITES[name]});
}

async function signerOf(key) {
  const keys = key.publicKeyMultibase.startsWith('z6Mk') ? Ed25519Multikey : EcdsaMultikey;
  return (await keys.from({type: 'Multikey', '@context': MULTIKEY_V1, ...key})).signer();
}

function loaderFor(name) {
  return async url => {
    const answer = document => ({contextUrl: null, documentUrl: url, document, tag: 'static'});
    if(contexts.has(url)) {
      return answer(contexts.get(url));
    }
    if(!url.startsWith('did:key:')) {
      throw new Error(`not handed in: ${url}`);
    }
    const [did, fragment] = url.split('#');
    const publicKeyMultibase = did.slice('did:key:'.length);
    const id = `${did}#${publicKeyMultibase}`;
    const legacy = name === LEGACY;
    const method = {id, type: legacy ? 'Ed25519VerificationKey2020' : 'Multikey', controller: did, publicKeyMultibase};
    const context = legacy ? ED25519_2020_V1 : MULTIKEY_V1;
    return answer(fragment ? {'@context': context, ...method} : {
      '@context': ['https://www.w3.org/ns/did/v1', context], id: did, verificationMethod: [method],
      assertionMethod: [id], authentication: [id]});
  };
}

// What an exchange says to a message, or its own words for a refusal.
async function post(url, message) {
  const answer = await fetch(url, {
    method: 'POST', headers: {'content-type': 'application/json', accept: 'application/json'},
    body: JSON.stringify(message)});
  const body = await answer.json();
  if(!answer.ok) {
    throw new Error(`${answer.status} ${body.error}: ${body.error_description}`);
  }
  return body;
}

async function exchangeAt(link) {
  const url = new URL(link);
  const request = url.searchParams.get('request');
  if(request) {
    return JSON.parse(request).protocols.vcapi;
  }
  const answer = await fetch(url, {headers: {accept: 'application/json'}});
  return (await answer.json()).protocols.vcapi;
}

async function presentationFor({challenge, domain}, {key, suite, credentials, spoil = {}}) {
  const presentation = {
    '@context': ['https://www.w3.org/ns/credentials/v2', ...(suite === LEGACY ? [ED25519_2020_V1] : [])],
    type: ['VerifiablePresentation'], holder: key.controller,
    ...(credentials && {verifiableCredential: credentials})};
  const signed = await vc.signPresentation({
    presentation, suite: suiteOf(suite, await signerOf(key)), challenge: spoil.challenge ?? challenge,
    domain: spoil.domain ?? domain, documentLoader: loaderFor(suite)});
  if(spoil.signature) {
    const at = signed.proof.proofValue;
    signed.proof.proofValue = at.slice(0, 9) + (at[9] === '2' ? '3' : '2') + at.slice(10);
  }
  return signed;
}

// Whom the server knows: what it gives or asks for, under the name in its address.
const exchanges = new Map();
let origin;

async function verified(presentation, {challenge, suite}) {
  const {verified: holds, error} = await vc.verify({
    presentation, suite: [suiteOf(suite), suiteOf('eddsa-rdfc-2022'), suiteOf('ecdsa-rdfc-2019')], challenge,
    domain: origin, documentLoader: loaderFor(suite), checkStatus: async () => ({verified: true})});
  if(!holds) {
    throw error;
  }
}

async function answerOf(exchange, message) {
  if(!message.verifiablePresentation) {
    exchange.challenge = randomBytes(16).toString('base64url');
    const query = [{type: 'DIDAuthentication', acceptedMethods: [{method: 'key'}],
      acceptedCryptosuites: [{cryptosuite: 'eddsa-rdfc-2022'}]}];
    if(exchange.example) {
      query.unshift({type: 'QueryByExample', credentialQuery: [{reason: exchange.reason, example: exchange.example}]});
    }
    return {verifiablePresentationRequest: {
      query, challenge: exchange.challenge, domain: exchange.spoil?.domain ?? origin, interact: {service: []}}};
  }
  const presentation = message.verifiablePresentation;
  await verified(presentation, {challenge: exchange.challenge, suite: 'eddsa-rdfc-2022'});
  exchange.presented = presentation;
  if(exchange.example) {
    return {redirectUrl: `${origin}/thanks`};
  }
  const credential = {...exchange.document, credentialSubject: {
    ...exchange.document.credentialSubject, id: exchange.spoil?.subject ?? presentation.holder}};
  const issued = await vc.issue({
    credential, suite: suiteOf('eddsa-rdfc-2022', await signerOf(exchange.key)),
    documentLoader: loaderFor('eddsa-rdfc-2022')});
  if(exchange.spoil?.claim) {
    issued.name = 'Another name';
  }
  return {verifiablePresentation: {
    '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiablePresentation'],
    verifiableCredential: [issued]}};
}

const server = http.createServer(async (request, response) => {
  const say = (status, body) => {
    response.writeHead(status, {'content-type': 'application/json'});
    response.end(JSON.stringify(body));
  };
  const name = request.url.split('?')[0].split('/').pop();
  const exchange = exchanges.get(name);
  if(!exchange) {
    return say(404, {error: 'not_found'});
  }
  if(request.method === 'GET') {
    return say(200, {protocols: {vcapi: `${origin}/workflows/1/exchanges/${name}`}});
  }
  let body = '';
  for await (const part of request) {
    body += part;
  }
  try {
    say(200, await answerOf(exchange, JSON.parse(body)));
  } catch(error) {
    say(400, {error: 'invalid_request', error_description: String(error.errors?.[0]?.message ?? error.message)});
  }
});

await serve({
  async contexts(request) {
    Object.entries(request.contexts).forEach(([url, document]) => contexts.set(url, document));
    return async () => [...contexts.keys()];
  },

  // One exchange from its link to its end: what was asked, what came.
  async exchange({link, key, suite, credentials, spoil, twice}) {
    const url = await exchangeAt(link);
    return async () => {
      const {verifiablePresentationRequest: asked} = await post(url, {});
      const message = {verifiablePresentation: await presentationFor(asked, {key, suite, credentials, spoil})};
      const came = await post(url, message);
      return {asked, came: twice ? await post(url, message) : came};
    };
  },

  async verify({document}) {
    return async () => {
      const {verified: holds, error} = await vc.verifyCredential({
        credential: document, suite: suiteOf('eddsa-rdfc-2022'), documentLoader: loaderFor('eddsa-rdfc-2022'),
        checkStatus: async () => ({verified: true})});
      if(!holds) {
        throw error;
      }
      return true;
    };
  },

  async listen() {
    return () => new Promise(resolve => server.listen(0, 'localhost', () => {
      origin = `http://localhost:${server.address().port}`;
      resolve(origin);
    }));
  },

  async offer({name, ...exchange}) {
    return async () => {
      exchanges.set(name, exchange);
      return `${origin}/interactions/${name}?iuv=1`;
    };
  },

  async presented({name}) {
    return async () => exchanges.get(name).presented ?? null;
  }
});
server.close();
server.closeAllConnections();
