/* Where in a clip the page stands, whichever of its views shows the clip: to note it, to go there. */
(function (falExp) {
  'use strict';

  const { byId } = falExp.dom;

  /** @returns {HTMLVideoElement|null} the video that shows a cell: in compare, the drawer or its tile */
  function videoOf(key) {
    const pane = falExp.compare.isOpen() && falExp.compare.videoOf(key);
    if (pane) return pane;
    const drawer = byId('drawer');
    if (drawer.open && falExp.view.get().cell === key) return drawer.querySelector('video.stage');
    return falExp.players.live.get(falExp.data.indexOf.get(key)) ?? null;
  }

  /** @returns {number} seconds; 0 where the clip is not shown */
  function of(key) {
    return videoOf(key)?.currentTime ?? 0;
  }

  /** Stop a clip at a time; where nothing shows it, its details are opened. */
  function go(key, timeS) {
    const video = videoOf(key);
    if (!video) {
      falExp.drawer.open(falExp.data.indexOf.get(key));
      return;
    }
    video.pause();
    video.currentTime = timeS;
  }

  falExp.moment = { of, go };
})((globalThis.falExp = globalThis.falExp || {}));
