// #region recipe
import { type Cipher, fromHook } from '@reliable-channels/encryption'
import { decryptSymmetric, encryptSymmetric, postCipher, preCipher } from '@waku/message-encryption/symmetric'

/** 26/WAKU2-PAYLOAD with a symmetric key of 32 bytes; signed, if there is a private key to sign with. */
export function wakuSymmetric(symKey: Uint8Array, sigPrivKey?: Uint8Array): Cipher {
  return fromHook(
    {
      async encrypt(plain) {
        return encryptSymmetric(await preCipher(plain, sigPrivKey), symKey)
      },
      async decrypt(sealed) {
        const opened = postCipher(await decryptSymmetric(sealed, symKey))
        if (opened === undefined) throw new Error('no payload of 26/WAKU2-PAYLOAD')
        return opened.payload
      },
    },
    // Flags and length (5), padding (256), signature (65), tag and nonce (28).
    { id: '26/WAKU2-PAYLOAD', overheadBytes: 354 },
  )
}
// #endregion
