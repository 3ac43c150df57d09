/** Measures one case once, of one checkout, for the process that has forked this one. */
import { cases } from './cases.ts'
import { loadLibrary } from './checkout.ts'

const [id, folder] = process.argv.slice(2)
const run = await cases.find((each) => each.id === id)!.run(await loadLibrary(folder!))
// Work that still waits for timers is not waited for.
process.send!(run, () => process.exit())
