import { type ComponentType, type ReactNode, useEffect, useState } from 'react'

/**
 * A component whose script comes when it is drawn for the first time; until then `meanwhile` stands there. `lazy` of React
 * does the same with `Suspense` around it, which is more than the first paint needs.
 */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile?: ReactNode,
): (props: P) => ReactNode {
  let loaded: ComponentType<P> | undefined
  return function Later(props: P): ReactNode {
    const [Component, setComponent] = useState(() => loaded)
    useEffect(() => {
      if (Component !== undefined) return
      void load().then((found) => setComponent(() => (loaded = found)))
    }, [])
    return Component === undefined ? meanwhile : <Component {...props} />
  }
}
