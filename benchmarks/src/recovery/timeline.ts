import { type Traced, lineStart, namesText, whatText } from './trace.ts'

/** Tells a run in few lines: what one member does at one moment to several messages is one of them. */
export function timeline(run: readonly Traced[]): string[] {
  const groups: Traced[][] = []
  for (const traced of run) {
    const group = groups.at(-1)
    if (group !== undefined && isSame(group[0]!, traced)) group.push(traced)
    else groups.push([traced])
  }
  return groups.map(groupLine)
}

const isSame = (one: Traced, other: Traced): boolean =>
  one.names.length > 0 && one.atS === other.atS && one.who === other.who && one.what === other.what

function groupLine(group: readonly Traced[]): string {
  const [first] = group as readonly [Traced]
  const names = [...new Set(group.flatMap((traced) => traced.names))].toSorted((a, b) => a - b)
  const lists = first.names.length > 0 ? [] : (first.lists ?? [])
  return `${lineStart(first)}${whatText({ ...first, names, lists })}${fateOf(group)}`
}

/** Which messages did not reach whom. */
function fateOf(group: readonly Traced[]): string {
  const lost = new Map<string, number[]>()
  for (const { names, lostTo = [] } of group)
    for (const who of lostTo) lost.set(who, [...(lost.get(who) ?? []), ...names])
  return [...lost].map(([who, names]) => `  LOST to ${`${who} ${namesText(names)}`.trim()}`).join('')
}
