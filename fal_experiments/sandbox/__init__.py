"""The embedded services: fal's queue, CDN and platform API over real HTTP, and no money.

Not a mock. The official clients work against it unchanged, clips are real H.264 files drawn from
endpoint, arguments, seed and input picture, every one marked SANDBOX, and the books it keeps are
exact: what it bills is what `core.estimate` expects. `server.SandboxServer` is the way in.

Behaviour follows references/fal-platform.md (sections 2 to 9 and 12), and where a fault script says
so, what goes wrong there (`faults`). Webhooks and realtime are not here yet.
"""
