import { decodeText, encodeText, hexOf } from '@reliable-channels/wire'

// The second byte is no UTF-8; a peer's id need not be.
const id = Uint8Array.of(0x61, 0xff, 0x62)

console.log(hexOf(new TextEncoder().encode(new TextDecoder().decode(id))))
console.log(hexOf(encodeText(decodeText(id))))
