/** Bytes in base64url without padding, four letters for three bytes: shorter than {@link hexOf}, where length costs. */
export function base64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=*$/, '')
}

/** The bytes that {@link base64Url} wrote. The text must be of its letters, and not of one more than a multiple of four. */
export function base64UrlBytes(text: string): Uint8Array<ArrayBuffer> {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/')
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}
