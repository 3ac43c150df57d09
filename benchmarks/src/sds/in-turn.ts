import { HERE } from '../baseline-folder.ts'
import { type Row, judge } from '../document.ts'
import { forked } from '../forked.ts'
import { cases } from './cases.ts'

/** What a change may cost at most: the machine alone makes up for so much. */
const AT_LEAST = 0.97

/**
 * Our side of each row, of this checkout and of that in `baseline`: in turn, so many pairs, each in a process of its own.
 * The ratio is the middle one of the pairs'.
 */
export async function* inTurn(baseline: string, pairs: number, ids: readonly string[]): AsyncGenerator<Row> {
  for (const { id, unit } of cases.filter((each) => ids.includes(each.id))) {
    const measured = (folder: string): Promise<Readonly<Record<string, number>>> =>
      forked(new URL('worker.ts', import.meta.url), [id, folder], `case "${id}" in ${folder}`)
    const found: { here: Readonly<Record<string, number>>; there: Readonly<Record<string, number>> }[] = []
    for (let pair = 0; pair < pairs; pair++) {
      const folders = pair % 2 === 0 ? [HERE, baseline] : [baseline, HERE]
      const [first, second] = [await measured(folders[0]!), await measured(folders[1]!)]
      found.push(pair % 2 === 0 ? { here: first, there: second } : { here: second, there: first })
    }
    for (const name of Object.keys(found[0]!.here)) {
      const ratios = found.map(({ here, there }) => there[name]! / here[name]!).toSorted((a, b) => a - b)
      const ours = middle(found.map(({ here }) => here[name]!))
      yield judge({
        case: name,
        unit: name.startsWith('growth') ? 'times' : unit,
        ours,
        theirs: ours * middle(ratios),
        atLeast: AT_LEAST,
        ratios,
        runs: pairs,
      })
    }
  }
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
