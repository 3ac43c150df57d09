import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { checkName } from '../channel-name.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'

/** What `--data` holds: a member, and all that it must not forget. */
export interface DataDirectory extends AsyncDisposable {
  /** Whose it is. */
  readonly name: string
  readonly store: Store
}

/**
 * Opens the directory of a member, and makes it if it is not there.
 *
 * @param name - as it was given; the first time it is noted, later it must be the same, or left out
 * @param newName - makes one up, where none was given and none is noted
 */
export async function openDataDirectory(
  path: string,
  name: string | undefined,
  newName: () => string,
): Promise<DataDirectory> {
  const noted = await usable(path, () => nameOf(path, name ?? newName()))
  if (name !== undefined && noted !== name) {
    throw new CliError(`${path} is the directory of ${noted}, and you are to be ${name}`, {
      exitCode: EXIT.data,
      hint: `Leave out --name, or take another --data for ${name}.`,
    })
  }
  const database = new ClassicLevel<string, Uint8Array>(join(path, 'store'), { valueEncoding: 'view' })
  const limitedStore = levelStore(database)
  // Opening fails here, where it is known what it is for, if another process has it.
  await limitedStore.get('rc')
  return { name: noted, store: limitedStore, [Symbol.asyncDispose]: () => limitedStore.close() }
}

async function nameOf(path: string, name: string): Promise<string> {
  await mkdir(path, { recursive: true })
  const file = join(path, 'name')
  try {
    await writeFile(file, `${name}\n`, { flag: 'wx' })
    return name
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const noted = (await readFile(file, 'utf8')).trim()
  checkName('member', noted)
  return noted
}

async function usable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw new CliError(`${path} cannot be used as a directory for data (${code})`, {
      exitCode: EXIT.data,
      hint: 'Name a directory that can be written, or one that does not exist yet.',
      cause,
    })
  }
}
