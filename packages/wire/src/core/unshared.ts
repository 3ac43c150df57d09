/**
 * The same bytes as those that sockets, blobs and Web Crypto take: not in memory that threads share. What is, is copied;
 * all else stays where it is.
 */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isShared = typeof SharedArrayBuffer === 'function' && bytes.buffer instanceof SharedArrayBuffer
  return isShared ? new Uint8Array(bytes) : (bytes as Uint8Array<ArrayBuffer>)
}
