import { type Stage, committed, createDriver, createUnitOfWork } from '@reliable-channels/stage'

/** Numbers what passes, and stores the number. */
function createNumbering(): Stage<string, string> {
  let count = 0
  return {
    handle(input) {
      count++
      return {
        outputs: [`${input} #${count}`],
        changes: [{ key: 'count', value: Uint8Array.of(count) }],
      }
    },
    deadline: () => undefined,
    tick: () => ({ outputs: [], changes: [] }),
  }
}

const unitOfWork = createUnitOfWork({
  write: async (changes) => console.log('write', changes.map(({ key }) => key).join(', ')),
})
const received = createDriver(createNumbering(), { unitOfWork, keyPrefix: 'received/' })
const delivered = createDriver(createNumbering(), { unitOfWork, keyPrefix: 'delivered/' })

// One step that concerns both stages is one write, and nothing is let out before it.
received.outputs$.subscribe((message) => delivered.dispatch(message))
delivered.outputs$.pipe(committed(unitOfWork)).subscribe((message) => console.log('out', message))

received.dispatch('hello')
await unitOfWork.stored()
