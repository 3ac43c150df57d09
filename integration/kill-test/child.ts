/** The process that is killed. It opens a session on a LevelDB directory and lives on commands of its parent. */
import { openSync, writeSync } from 'node:fs'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import type { Answer, Command } from './protocol.ts'
import { type Session, openSession } from './session.ts'

let session: Session | undefined
let closeStore: () => Promise<void> = () => Promise.resolve()

async function obey(command: Command): Promise<Answer> {
  switch (command.type) {
    case 'open': {
      const { directory, journal } = command.opening
      const file = openSync(journal, 'a')
      const store = levelStore(new ClassicLevel(directory))
      closeStore = () => store.close()
      session = await openSession(
        {
          store,
          journal: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
          die: () => process.kill(process.pid, 'SIGKILL'),
        },
        command.opening,
      )
      return { type: 'opened' }
    }
    case 'step':
      return { type: 'stepped', output: await session!.step(command.input) }
    case 'close':
      await session!.close()
      await closeStore()
      return { type: 'closed' }
  }
}

const answer = (value: Answer): void => void process.send!(value)
const broken = (error: unknown): void =>
  answer({ type: 'broken', error: String((error as Error).stack ?? error) })

process.on('uncaughtException', broken)
process.on('unhandledRejection', broken)
process.on('disconnect', () => process.exit())
process.on('message', (command: Command) => void obey(command).then(answer, broken))
