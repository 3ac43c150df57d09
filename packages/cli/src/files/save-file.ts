import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withinLimit } from '@reliable-channels/stage'
import { CliError } from '../cli-error.ts'
import { numberedName, safeName } from './safe-name.ts'

/** Longest wait for the disk, ms. @limit Saving fails. */
const SAVE_MS = 60_000
/** Files of one name in a directory. @limit Saving fails. */
const MAX_NAMESAKES = 1_000

/** Saves a file under its name, or the next that is free: never over another, and there whole or not at all. Returns its path. */
export async function saveFile(directory: string, name: string, bytes: Uint8Array): Promise<string> {
  try {
    return await withinLimit(write(directory, safeName(name), bytes), { what: directory, limitMs: SAVE_MS })
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    throw new CliError(
      `cannot save ${safeName(name)} in ${directory} (${(cause as NodeJS.ErrnoException).code})`,
      {
        hint: 'Name another directory with --save.',
        cause,
      },
    )
  }
}

async function write(directory: string, name: string, bytes: Uint8Array): Promise<string> {
  await mkdir(directory, { recursive: true })
  const partial = join(directory, `.rc-${process.pid}-${Date.now()}.part`)
  try {
    await writeFile(partial, bytes, { flag: 'wx' })
    return await place(partial, directory, name)
  } finally {
    await rm(partial, { force: true })
  }
}

/** Gives a file the first name that is free. */
async function place(partial: string, directory: string, name: string): Promise<string> {
  for (let count = 0; count < MAX_NAMESAKES; count++) {
    const path = join(directory, numberedName(name, count))
    try {
      // Takes the name, if it is free; then what stands under it is our own.
      await writeFile(path, '', { flag: 'wx' })
      await rename(partial, path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new CliError(`${directory} has ${MAX_NAMESAKES} files called ${name}`, {
    hint: 'Name another with --save.',
  })
}
