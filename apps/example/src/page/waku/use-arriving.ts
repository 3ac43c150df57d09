import { useChannel } from '@reliable-channels/react'
import { useEffect, useState } from 'react'
import type { Arriving } from '../model/peer-view.ts'

/** Messages of several segments that are coming. */
export function useArriving(): readonly Arriving[] {
  const { chat } = useChannel()
  const [arriving, setArriving] = useState<readonly Arriving[]>([])
  useEffect(() => {
    setArriving([])
    const subscription = chat?.channel.events$.subscribe({
      next(event) {
        if (event.type === 'reliable:message:progress') {
          const { payloadHash, held, needed } = event
          const others = (all: readonly Arriving[]): Arriving[] =>
            all.filter((each) => each.payloadHash !== payloadHash)
          setArriving((before) => [...others(before), { payloadHash, held, needed }])
        } else if (event.type === 'reliable:message:received') {
          setArriving((before) => before.filter(({ payloadHash }) => payloadHash !== event.messageId))
        } else if (event.type === 'reliable:message:lost') {
          setArriving((before) => before.filter(({ payloadHash }) => payloadHash !== event.payloadHash))
        }
      },
      // The provider tells of it.
      error() {},
    })
    return () => subscription?.unsubscribe()
  }, [chat])
  return arriving
}
