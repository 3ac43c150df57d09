import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeHtml } from '../highlight.ts'
import { partOf, sectionOf } from '../include.ts'

const LINE =
  /^\s+(?<time>\d+\.\d+)\s+(?<who>\S+)\s+(?<finding>= )?(?<what>.+?)(?:\s+LOST to \S+ (?<lost>.+))?$/gm

/** The run calls its members by number; the picture has one of them, who may have a name. */
const named = (text: string): string => text.replaceAll('member-0', 'bob')

/** The tested timeline in the README of SDS as a picture: a lane for each of the two, what leaves, and what is lost. */
export function timelinePicture(root: string): string {
  const readme = readFileSync(join(root, 'packages/sds/README.md'), 'utf8')
  const text = partOf(sectionOf(readme, 'What happens to a lost message') ?? '', 'code') ?? ''
  const lines = [...text.matchAll(LINE)].map(({ groups }) => groups as Record<string, string | undefined>)
  if (lines.length === 0) throw new Error('packages/sds/README.md: has no timeline')
  const [first] = lines.map(({ who }) => who)
  const items = lines.map(({ time, who, finding, what, lost }) => {
    const side = who === first ? 'left' : 'right'
    const kind = finding === undefined ? 'sent' : 'found'
    const missed = lost === undefined ? '' : `<em>lost: ${escapeHtml(lost)}</em>`
    const [before, after] =
      finding !== undefined ? ['', ''] : side === 'left' ? ['', ' <i>→</i>'] : ['<i>←</i> ', '']
    return `<li class="${side} ${kind}"><time>${time} s</time><div>${before}<b>${named(who!)}</b> ${escapeHtml(named(what!))}${after}${missed}</div></li>`
  })
  return `<ol class="timeline">\n${items.join('\n')}\n</ol>`
}
