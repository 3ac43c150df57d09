/** Takes away what Node.js has got since version 20: imported first, it makes a newer one as poor as that. */
const scope = globalThis as unknown as Record<string, Record<string, unknown> & { prototype: object }>
const newer: Record<string, readonly string[]> = {
  Promise: ['withResolvers', 'try'],
  Array: ['fromAsync'],
  Object: ['groupBy'],
  Map: ['groupBy'],
  Uint8Array: ['fromHex', 'fromBase64'],
  Math: ['sumPrecise', 'f16round'],
  RegExp: ['escape'],
  Error: ['isError'],
}
const newerOfInstances: Record<string, readonly string[]> = {
  Set: [
    'union',
    'intersection',
    'difference',
    'symmetricDifference',
    'isSubsetOf',
    'isSupersetOf',
    'isDisjointFrom',
  ],
  Uint8Array: ['toHex', 'toBase64', 'setFromHex', 'setFromBase64'],
  ArrayBuffer: ['transfer', 'transferToFixedLength', 'detached'],
  Iterator: [
    'map',
    'filter',
    'take',
    'drop',
    'flatMap',
    'reduce',
    'toArray',
    'forEach',
    'some',
    'every',
    'find',
  ],
}
for (const [name, members] of Object.entries(newerOfInstances)) {
  for (const member of members)
    if (scope[name] !== undefined) Reflect.deleteProperty(scope[name].prototype, member)
}
for (const [name, members] of Object.entries(newer)) {
  for (const member of members) if (scope[name] !== undefined) Reflect.deleteProperty(scope[name], member)
}
for (const name of ['Iterator', 'navigator', 'WebSocket', 'Float16Array'])
  Reflect.deleteProperty(globalThis, name)
