import { type Stage, stageOperator } from '@reliable-channels/stage'
import { from } from 'rxjs'

/** Keeps the latest word, and says it once nothing new has come for `quietMs`. */
function createDebounce(quietMs: number): Stage<string, string> {
  let word: string | undefined
  let sayAt: number | undefined
  return {
    handle(input, now) {
      word = input
      sayAt = now + quietMs
      return { outputs: [], changes: [] }
    },
    deadline: () => sayAt,
    tick() {
      const said = word!
      word = sayAt = undefined
      return { outputs: [said], changes: [] }
    },
  }
}

// A state machine is tested by plain calls: time is an argument.
const debounce = createDebounce(50)
debounce.handle('rel', 0)
debounce.handle('reliable', 20)
console.log('due at', debounce.deadline())
console.log('says', debounce.tick(70).outputs)

// The same state machine as an operator: the driver reads the clock and starts the timer.
from(['ch', 'chan', 'channel'])
  .pipe(
    stageOperator(() => createDebounce(50), {
      input: (word: string) => word,
      output: (word) => word,
      completes: 'idle',
    }),
  )
  .subscribe({ next: (word) => console.log('said', word), complete: () => console.log('idle') })
