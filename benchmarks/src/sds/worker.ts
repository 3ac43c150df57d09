/** Measures one case once, with `sds/core` of one checkout, for the process that has forked this one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SdsOptions } from '@reliable-channels/sds/core'
import { cases } from './cases.ts'
import { type Core, Ours } from './ours.ts'

const [id, folder] = process.argv.slice(2) as [string, string]
const sources = join(folder, 'packages/sds/src')
const core = (await import(pathToFileURL(join(sources, 'core.ts')).href)) as Core
// What is stored was an option once, and not a part of its own.
const older = existsSync(join(sources, 'records.ts')) ? {} : { persistent: false }
const ours = new Ours(core, older as Partial<SdsOptions>)
process.send!(await cases.find((each) => each.id === id)!.run(ours), () => process.exit())
