import { expect, it } from 'vitest'
import { createChecks, onlyNames } from './index.ts'

const check = createChecks((message) => new RangeError(message))
const only = (options: object, within?: string) => (): void =>
  onlyNames(check, options, ['loss', 'writer'], within)

it('refuses each name that is not known, however little it is like one that is', () => {
  // N11
  expect(only({ writer: 1, hangs: true })).toThrow('"options" expected \'loss\' or \'writer\', got "hangs"')
  expect(only({ hangs: undefined }, 'mood')).toThrow('"mood" expected \'loss\' or \'writer\', got "hangs"')
  expect(only({ lsos: 0.3 }, 'mood')).toThrow('there is no option "mood.lsos": "mood.loss" is meant, perhaps')
  for (const options of [{}, { writer: 1, loss: undefined }]) expect(only(options)).not.toThrow()
})
