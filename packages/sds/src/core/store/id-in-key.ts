import { base64Url, base64UrlBytes, hashBytesOf, hexOf } from '@reliable-channels/wire'

/** Before an id that is a hash, which stands in a key by two thirds of the letters of its hexadecimal form. */
const SHORTENED = '~'

/** An id, as it stands in the key of an entry. */
export function idInKey(messageId: string): string {
  const hash = hashBytesOf(messageId)
  return hash === undefined ? messageId : SHORTENED + base64Url(hash)
}

/** The id that stands in a key; older versions wrote it as it is. */
export function idFromKey(text: string): string {
  if (!looksShortened(text)) return text
  return hexOf(base64UrlBytes(text.slice(SHORTENED.length)))
}

/** Whether an id would be taken for a shortened one, 32 bytes in base64url: then it must not stand in a key. */
export const looksShortened = (text: string): boolean => /^~[\w-]{43}$/.test(text)
