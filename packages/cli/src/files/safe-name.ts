/** Longest stem and extension of a name, bytes: file systems take 255 in all, and a number may be added. */
const MAX_STEM_BYTES = 180
const MAX_EXTENSION_BYTES = 40

/**
 * The name under which a file of anybody's is saved: the last part of a path, without what steers a terminal or means
 * something to a file system, and never hidden.
 */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .replaceAll(/[^\p{L}\p{M}\p{N} ._()+@=,-]/gu, '_')
    .replace(/^[. ]+/, '')
    .trimEnd()
  const { stem, extension } = splitName(clean)
  const short = cut(stem, MAX_STEM_BYTES) + cut(extension, MAX_EXTENSION_BYTES)
  return short === '' ? 'file' : short
}

/** A name that is not taken yet, by counting: `photo.jpg`, `photo (1).jpg`. */
export function numberedName(name: string, count: number): string {
  if (count === 0) return name
  const { stem, extension } = splitName(name)
  return `${stem} (${count})${extension}`
}

function splitName(name: string): { stem: string; extension: string } {
  const at = name.lastIndexOf('.')
  return at > 0 ? { stem: name.slice(0, at), extension: name.slice(at) } : { stem: name, extension: '' }
}

/** The beginning of a text, in whole characters. */
function cut(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= maxBytes) return text
  return new TextDecoder().decode(bytes.subarray(0, maxBytes)).replace(/\uFFFD+$/, '')
}
