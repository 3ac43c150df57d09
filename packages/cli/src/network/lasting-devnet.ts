import { runDevnet } from '@reliable-channels/waku-devnet'
import type { Host } from '../host.ts'
import { devnetFile, readDevnetFile, removeDevnetFile, writeDevnetFile } from './devnet-file.ts'

/** Runs a devnet until it is ended, and lets others find it. */
export async function runLastingDevnet(args: readonly string[], host: Host): Promise<number> {
  const { stdin, stdout, stderr, signal } = host
  const path = devnetFile(host)
  try {
    return await runDevnet(args, {
      stdin,
      stdout,
      stderr,
      signal,
      name: 'rc devnet',
      async onReady({ multiaddrs, networkConfig }) {
        const other = await readDevnetFile(path)
        if (other !== undefined) {
          // Not its addresses: who uses it would lose it.
          stderr.write(
            `rc devnet: --devnet leads to that of process ${other.processId}; reach this one by --waku\n`,
          )
          return
        }
        await writeDevnetFile(path, { multiaddrs, networkConfig, processId: process.pid })
      },
    })
  } finally {
    await removeDevnetFile(path, process.pid)
  }
}
