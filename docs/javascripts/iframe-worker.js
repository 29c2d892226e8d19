// Search in pages that are opened from the disk: browsers refuse workers there, so the worker's script runs in a frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      this.ready = new Promise(done => {
        const start = () => {
          document.body.append(frame)
          const inside = frame.contentWindow
          const load = source => new Promise(loaded => {
            const script = inside.document.createElement("script")
            script.src = source
            script.onload = loaded
            inside.document.head.append(script)
          })
          inside.importScripts = (...sources) => sources.reduce((last, source) => last.then(() => load(source)), Promise.resolve())
          inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
          load(url).then(() => done(inside))
        }
        document.body ? start() : addEventListener("DOMContentLoaded", start)
      })
    }

    postMessage(data) {
      this.ready.then(inside => inside.dispatchEvent(new inside.MessageEvent("message", { data })))
    }
  }
}
