import type { DeclarationReflection, SomeType } from 'typedoc'
import { inCell, markdownOf } from '../api/comment.ts'
import type { PackageApi } from '../api/read-api.ts'
import { memberText } from '../api/signature.ts'

export const EVENTS_PAGE = 'reference/events'

/** The streams of events there are: the exported type, and where it is heard. */
const STREAMS: readonly { readonly of: string; readonly type: string; readonly heard: string }[] = [
  { of: 'sds', type: 'SdsEvent', heard: '`events$` of a participant.' },
  { of: 'segmentation', type: 'ReassemblyEvent', heard: '`events$` of a reassembler.' },
  { of: 'rate-limit', type: 'RateLimiterEvent', heard: '`events$` of a rate limiter.' },
  {
    of: 'transport',
    type: 'TransportEvent',
    heard: '`events$` of every transport: what became of a message that it accepted.',
  },
  { of: 'transport-waku', type: 'WakuDiagnostic', heard: '`diagnostics$` of the transport over Waku.' },
]

/** One thing that a stream tells. */
interface Told {
  readonly names: readonly string[]
  readonly text: string
  readonly fields: readonly DeclarationReflection[]
}

/** Makes the page of every event, diagnostic and drop reason. */
export function eventsPage(packages: readonly PackageApi[]): string {
  const lines = [
    '# Events',
    '',
    'All that a channel, a stage or a transport tells. `events$` of a channel carries the first three tables; nothing has to',
    'be listened to, and listening changes nothing.',
    '',
    '## Of a channel',
    '',
  ]
  const channelEvents = unionOf(exported(packages, 'channel', 'ChannelEvent').type).filter(
    ({ names }) => !names.includes('diagnostic'),
  )
  for (const { names, text, fields } of channelEvents) {
    lines.push(`### ${names.join(', ')}`, '', text, '')
    const rows = fields.filter(({ name }) => name !== 'type').map(fieldRow)
    lines.push('| field | |', '| --- | --- |', ...rows, '')
  }
  lines.push('## Diagnostics of a channel', '')
  lines.push(
    'Events of the type `diagnostic`: `code` says what happened, `detail` has what belongs to it.',
    '',
  )
  lines.push('| `code` | means | `detail` |', '| --- | --- | --- |')
  let before = ''
  for (const { name, comment, type } of exported(packages, 'channel', 'DiagnosticDetails').children ?? []) {
    // One sentence stands above several codes that belong together.
    const text = markdownOf(comment?.summary)
    lines.push(`| \`${name}\` | ${inCell(text === '' ? before : text)} | ${detailOf(type)} |`)
    if (text !== '') before = text
  }
  lines.push('', '## Reasons for drops', '')
  lines.push('Each is a counter in `channel.drops`.', '', '| reason | means |', '| --- | --- |')
  lines.push(...reasonRows(exported(packages, 'channel', 'DropReason')), '')
  for (const { of, type, heard } of STREAMS) {
    lines.push(`## Of ${of}`, '', heard, '', '| event | means | fields |', '| --- | --- | --- |')
    for (const { names, text, fields } of unionOf(exported(packages, of, type).type)) {
      const others = fields.filter(({ name }) => name !== 'type').map((field) => cellCode(memberText(field)))
      lines.push(
        `| ${names.map((name) => `\`${name}\``).join(', ')} | ${inCell(text)} | ${others.join('<br>')} |`,
      )
    }
    lines.push('')
  }
  return lines.join('\n')
}

/** What a package exports by that name, from whichever entry. */
function exported(packages: readonly PackageApi[], of: string, name: string): DeclarationReflection {
  const found = packages
    .find((member) => member.name === of)
    ?.entries.flatMap(({ module }) => module.children ?? [])
    .find((one) => one.name === name)
  if (found === undefined) throw new Error(`${of} exports no ${name}`)
  return (found.isReference() ? found.getTargetReflectionDeep() : found) as DeclarationReflection
}

/** The members of a union of objects with a `type`. */
function unionOf(type: SomeType | undefined): Told[] {
  if (type?.type !== 'union') return []
  return type.types.flatMap((one, i) => {
    const declaration = declarationOf(one)
    if (declaration === undefined) return unionOf(one)
    const fields = declaration.children ?? []
    const own = markdownOf(declaration.comment?.summary)
    return [
      {
        names: literalsOf(fields.find(({ name }) => name === 'type')?.type),
        text: own === '' ? markdownOf(type.elementSummaries?.[i]) : own,
        fields,
      },
    ]
  })
}

function declarationOf(type: SomeType): DeclarationReflection | undefined {
  if (type.type === 'reflection') return type.declaration
  const target = type.type === 'reference' ? type.reflection : undefined
  if (target === undefined || !target.isDeclaration()) return undefined
  return target.children === undefined && target.type !== undefined ? declarationOf(target.type) : target
}

function literalsOf(type: SomeType | undefined): string[] {
  if (type?.type === 'union') return type.types.flatMap(literalsOf)
  return type?.type === 'literal' ? [String(type.value)] : []
}

function reasonRows({ type }: DeclarationReflection): string[] {
  if (type?.type !== 'union') return []
  let before = ''
  return type.types.map((one, i) => {
    const text = markdownOf(type.elementSummaries?.[i])
    if (text !== '') before = text
    return `| \`${literalsOf(one).join()}\` | ${inCell(before)} |`
  })
}

function fieldRow(field: DeclarationReflection): string {
  const comment = field.comment ?? field.signatures?.[0]?.comment
  return `| ${cellCode(memberText(field))} | ${inCell(markdownOf(comment?.summary))} |`
}

/** The fields of a diagnostic's detail but its type, which the code says. */
function detailOf(type: SomeType | undefined): string {
  const fields = type === undefined ? undefined : declarationOf(type)?.children
  if (fields === undefined) return cellCode(String(type))
  return fields
    .filter(({ name }) => name !== 'type')
    .map((field) => cellCode(memberText(field)))
    .join('<br>')
}

const cellCode = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``
