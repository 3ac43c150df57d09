/** A view is kept as it is, unless that would hold on to much more memory than it shows. */
export function owned(content: Uint8Array): Uint8Array {
  return content.buffer.byteLength > 2 * content.length + 1024 ? content.slice() : content
}
