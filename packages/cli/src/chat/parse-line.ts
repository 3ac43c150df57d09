/** A line that was typed, understood. */
export type ChatLine =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'send'; readonly path: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'who' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'unknown'; readonly problem: string }

/** What can be typed. */
export const CHAT_HELP = `/send FILE  sends a file
/who        who was heard
/quit       leaves, as Ctrl-D does
//text      says a line that begins with a slash`

/** Understands a line. */
export function parseLine(line: string): ChatLine {
  if (line.startsWith('//')) return { kind: 'text', text: line.slice(1) }
  const [, verb, rest = ''] = /^\/(\S*)\s*(.*)$/.exec(line) ?? []
  if (verb === undefined) return { kind: 'text', text: line }
  if (verb === 'send')
    return rest === ''
      ? { kind: 'unknown', problem: '/send takes a file: /send photo.jpg' }
      : { kind: 'send', path: rest.trimEnd() }
  if (verb === 'help' || verb === 'who' || verb === 'quit') return { kind: verb }
  return { kind: 'unknown', problem: `there is no /${verb}: /help lists what there is` }
}
