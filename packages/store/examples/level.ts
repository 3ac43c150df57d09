import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'

const directory = await mkdtemp(join(tmpdir(), 'channels-'))
const open = () => levelStore(new ClassicLevel(directory), { sync: true })

const before = open()
await before.write([{ key: 'greeting', value: new TextEncoder().encode('still here') }])
await before.close()

const after = open()
console.log(new TextDecoder().decode(await after.get('greeting')))

// The directory is taken: another store, in this process or in another one, is told so.
await open()
  .get('greeting')
  .catch((error: { code: string }) => console.log(error.code))

await after.close()
await rm(directory, { recursive: true })
