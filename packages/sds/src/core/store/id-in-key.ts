import { hashBytesOf, hexOf } from '@reliable-channels/wire'

/** Before an id that is a hash, which stands in a key by two thirds of the letters of its hexadecimal form. */
const SHORTENED = '~'
/** 32 bytes in base64url. */
const LETTERS = 43

/** An id, as it stands in the key of an entry. */
export function idInKey(messageId: string): string {
  const hash = hashBytesOf(messageId)
  if (hash === undefined) return messageId
  const base64 = btoa(String.fromCharCode(...hash))
  return SHORTENED + base64.slice(0, LETTERS).replaceAll('+', '-').replaceAll('/', '_')
}

/** The id that stands in a key; older versions wrote it as it is. */
export function idFromKey(text: string): string {
  if (!looksShortened(text)) return text
  const base64 = text.slice(SHORTENED.length).replaceAll('-', '+').replaceAll('_', '/')
  return hexOf(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))
}

/** Whether an id would be taken for a shortened one: then it must not stand in a key. */
export const looksShortened = (text: string): boolean => /^~[\w-]{43}$/.test(text)
