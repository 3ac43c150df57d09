import type { Cipher } from './cipher.ts'

/** No encryption, said explicitly: both ways the bytes stay what they are. */
export function none(): Cipher {
  return { id: 'none', overheadBytes: 0, seal: (plain) => plain, open: (sealed) => sealed }
}
