/**
 * A cipher whose key ring signs: it proves who has sealed a frame.
 *
 * @packageDocumentation
 */
export { type MemberKey, type MemberRing, createMemberRing } from './signing/member-ring.ts'
export { type SignedOptions, signed } from './signing/signed.ts'
export { type SigningKey, newSigningKey, publicKeyIdOf, publicKeyOf } from './signing/signing-key.ts'
