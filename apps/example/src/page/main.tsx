import { createRoot } from 'react-dom/client'
import { firstSession } from './first-session.ts'
import './tokens.css'
import './page.css'
import { App } from './views/app.tsx'

// Not awaited here: what is loaded meanwhile imports from this script, and would wait for its end.
void firstSession(location.search).then((session) =>
  createRoot(document.querySelector('#root')!).render(<App first={session} />),
)
