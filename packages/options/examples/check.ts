import { createChecks } from '@reliable-channels/options'

class RadioOptionError extends RangeError {
  override readonly name = 'RadioOptionError'
  readonly code = 'ERR_RADIO_OPTION'
}

const check = createChecks((message) => new RadioOptionError(message))

function openRadio(options: { volume?: number; band?: 'am' | 'fm' }): void {
  check.object('options', options)
  const { volume = 5, band = 'fm' } = options
  check.integer('volume', volume, 0, 11)
  check.oneOf('band', band, ['am', 'fm'])
  console.log(`${band} at ${volume}`)
}

/** As whoever writes JavaScript, or reads options from a file, might call it. */
const wrong = [undefined, { volume: '11' }, { band: 'lw' }]
for (const options of wrong as never[]) {
  try {
    openRadio(options)
  } catch (error) {
    console.log(String(error))
  }
}
openRadio({ volume: 11 })
