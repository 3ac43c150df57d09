/** Measures one case once, of one checkout, for the process that has forked this one. */
import { cases } from './cases.ts'
import { loadLibrary } from './checkout.ts'
import { profiled } from './flame.ts'

const [id, folder, how] = process.argv.slice(2)
const one = cases.find((each) => each.id === id)!
const library = await loadLibrary(folder!)
const told = how === 'profiled' ? (await profiled(() => one.run(library))).flame : await one.run(library)
// Work that still waits for timers is not waited for.
process.send!(told, () => process.exit())
