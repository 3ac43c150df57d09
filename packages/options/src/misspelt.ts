/** Its letters alone, without the unit. */
const bare = (name: string): string => name.toLowerCase().replace(/ms$|bytes$/, '')

/** The name that was probably meant by one that nobody knows: it differs by a letter or two, or by the unit. */
export function meantBy(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined
  const most = name.length < 6 ? 1 : 2
  return known.find((each) => bare(each) === bare(name) || isNear(name, each, most))
}

/** Whether at most so many letters were changed, added, left out or swapped with the next. */
function isNear(a: string, b: string, most: number): boolean {
  let same = 0
  while (same < a.length && a[same] === b[same]) same++
  const x = a.slice(same)
  const y = b.slice(same)
  const goesOn = (i: number, j: number): boolean => isNear(x.slice(i), y.slice(j), most - 1)
  if (x === y || most === 0) return x === y
  return goesOn(1, 0) || goesOn(0, 1) || goesOn(1, 1) || (x[0] === y[1] && x[1] === y[0] && goesOn(2, 2))
}
