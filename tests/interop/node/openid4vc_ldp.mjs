// Records with Data Integrity proofs, by Digital Bazaar's libraries, for openid4vc_server.mjs.

import * as vc from '@digitalbazaar/vc';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {readFileSync} from 'node:fs';
import {cryptosuite as ecdsaRdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import jsigs from 'jsonld-signatures';

const V2 = 'https://www.w3.org/ns/credentials/v2';
const OB3 = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';
const MULTIKEY = 'https://w3id.org/security/multikey/v1';
const folder = new URL('../../../contexts/files/', import.meta.url);
const read = name => JSON.parse(readFileSync(new URL(name, folder)));
const contexts = new Map([
  [V2, read('credentials-v2.jsonld')], [OB3, read('open-badges-3.0.3.jsonld')],
  ['https://www.w3.org/ns/did/v1', read('did-v1.jsonld')], [MULTIKEY, read('multikey-v1.jsonld')]]);

const key = await Ed25519Multikey.generate();
const issuer = `did:key:${key.publicKeyMultibase}`;
key.id = `${issuer}#${key.publicKeyMultibase}`;
key.controller = issuer;

async function documentLoader(url) {
  const answer = document => ({contextUrl: null, documentUrl: url, document});
  if(contexts.has(url)) {
    return answer(contexts.get(url));
  }
  if(url.startsWith('did:key:')) {
    const [did, fragment] = url.split('#');
    const publicKeyMultibase = did.slice('did:key:'.length);
    const method = {'@context': MULTIKEY, id: `${did}#${publicKeyMultibase}`, type: 'Multikey', controller: did,
      publicKeyMultibase};
    return answer(fragment ? method : {'@context': ['https://www.w3.org/ns/did/v1', MULTIKEY], id: did,
      verificationMethod: [method], assertionMethod: [method.id], authentication: [method.id]});
  }
  throw new Error(`not pinned: ${url}`);
}

export async function signLdp({subject, twist, identifier, days}) {
  const moment = offset => new Date(Date.now() + offset * 86400000).toISOString().slice(0, 19) + 'Z';
  const signing = twist === 'signature' ? await Ed25519Multikey.generate() : key;
  const signer = {...signing.signer(), id: key.id};
  const credential = {
    '@context': [V2, OB3], id: `urn:uuid:${crypto.randomUUID()}`,
    type: ['VerifiableCredential', twist === 'kind' ? 'EndorsementCredential' : 'OpenBadgeCredential'],
    issuer: {id: issuer, type: ['Profile'], name: 'Moab library'}, validFrom: moment(-2), validUntil: moment(days),
    name: 'Reader', credentialSubject: {id: subject, type: ['AchievementSubject'], achievement: {
      id: `${identifier}/achievements/1`, type: ['Achievement'], name: 'Reader', description: 'Read ten books.',
      criteria: {narrative: 'Ten books.'}}}
  };
  const suite = new DataIntegrityProof({signer, cryptosuite: eddsaRdfc2022});
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  return jsigs.sign(credential, {suite, purpose, documentLoader});
}

export async function verifyLdp(presentation, {nonce, audience, bound}) {
  const suite = [eddsaRdfc2022, ecdsaRdfc2019].map(cryptosuite => new DataIntegrityProof({cryptosuite}));
  const given = bound === false ?
    await vc.verifyCredential({credential: presentation, suite, documentLoader}) :
    await vc.verify({presentation, challenge: nonce, domain: audience, suite, documentLoader});
  if(!given.verified) {
    throw given.error;
  }
  const credential = bound === false ? presentation : presentation.verifiableCredential[0];
  return {bound: bound !== false, claims: credential.credentialSubject};
}
