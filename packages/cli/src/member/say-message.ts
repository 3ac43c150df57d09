import { printable, sizeOf } from '../inspect/show.ts'
import type { Output } from '../output.ts'
import type { ChatEntry } from './chat-log.ts'

/** Longest text printed of one message, characters; what is longer is in the JSON. @limit The rest is left out. */
const MAX_CHARACTERS = 4_000

/** A message as a line, or several, of a conversation. */
export function messageText(message: ChatEntry, style: Output['style']): string {
  const time = style('dim', clockTime(message.sentAt))
  const who = style(message.isOwn ? 'cyan' : 'bold', printable(message.from))
  return `${time} ${who}  ${contentText(message)}${tick(message, style)}`
}

function contentText({ kind, text, file }: ChatEntry): string {
  if (kind === 'text') {
    const lines = text.slice(0, MAX_CHARACTERS).split(/\r?\n/).map(printable).join('\n      ')
    return text.length > MAX_CHARACTERS ? `${lines}…` : lines
  }
  const saved = file?.path === undefined ? '' : `, saved as ${file.path}`
  return `sent ${printable(text)} (${sizeOf(file?.bytes ?? 0)})${saved}`
}

function tick({ isOwn, deliveredTo = [] }: ChatEntry, style: Output['style']): string {
  if (!isOwn) return ''
  if (deliveredTo.length === 0) return style('dim', '  ✓')
  return style('dim', `  ✓✓ ${deliveredTo.map(printable).join(', ')}`)
}

/** `14:05`, in the time zone of whoever looks. */
function clockTime(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return '--:--'
  const pad = (number: number): string => String(number).padStart(2, '0')
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`
}
