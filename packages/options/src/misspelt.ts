/** Its letters alone, without the unit. */
const bare = (name: string): string => name.toLowerCase().replace(/ms$|bytes$/, '')

/** The name that was probably meant by one that nobody knows: it differs by a letter or two, or by the unit. */
export function meantBy(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined
  const most = name.length < 6 ? 1 : 2
  return known.find((each) => bare(each) === bare(name) || distance(name, each) <= most)
}

/** Letters to change, add, leave out or swap with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [[...Array(b.length + 1).keys()]]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, rows[i - 2]![j - 2]! + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
