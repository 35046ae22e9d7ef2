"use strict";
(function () {
  var all = function (selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); };
  var timed = all("[data-depart]"), panels = all("svg.time");
  var shown = document.getElementById("shown"), pick = document.querySelector(".pick");
  var from = document.getElementById("from"), to = document.getElementById("to"), clear = document.getElementById("clear");
  all(".script-only").forEach(function (e) { e.hidden = false; });
  all(".no-script").forEach(function (e) { e.hidden = true; });
  if (!pick) { return; }

  function day(seconds) { return new Date(seconds * 1000).toISOString().slice(0, 10); }

  function choose(a, b) {
    timed.forEach(function (e) {
      var t = Number(e.getAttribute("data-depart"));
      e.classList.toggle("off", a !== null && (t < a || t > b));
    });
    if (shown) { shown.textContent = String(all(".legs li:not(.off):not(.maybe)").length); }
    panels.forEach(function (svg) {
      var t0 = Number(svg.getAttribute("data-from")), t1 = Number(svg.getAttribute("data-to"));
      var x0 = Number(svg.getAttribute("data-left")), x1 = Number(svg.getAttribute("data-right"));
      var box = svg.querySelector(".sel");
      var at = function (t) { return x0 + (Math.min(Math.max(t, t0), t1) - t0) / (t1 - t0) * (x1 - x0); };
      box.setAttribute("x", a === null ? x0 : at(a));
      box.setAttribute("width", a === null ? 0 : Math.max(0, at(b) - at(a)));
    });
    from.value = a === null ? "" : day(a);
    to.value = a === null ? "" : day(b);
  }

  panels.forEach(function (svg) {
    var start = null;
    function time(event) {
      var r = svg.getBoundingClientRect();
      var x = (event.clientX - r.left) / r.width * Number(svg.getAttribute("data-width"));
      var x0 = Number(svg.getAttribute("data-left")), x1 = Number(svg.getAttribute("data-right"));
      var t0 = Number(svg.getAttribute("data-from")), t1 = Number(svg.getAttribute("data-to"));
      return Math.round(t0 + (Math.min(Math.max(x, x0), x1) - x0) / (x1 - x0) * (t1 - t0));
    }
    svg.addEventListener("pointerdown", function (e) {
      if (e.button !== 0) { return; }
      start = time(e);
      if (svg.setPointerCapture) { svg.setPointerCapture(e.pointerId); }
    });
    svg.addEventListener("pointermove", function (e) {
      if (start === null) { return; }
      var now = time(e);
      choose(Math.min(start, now), Math.max(start, now));
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      svg.addEventListener(name, function (e) {
        if (start !== null && Math.abs(time(e) - start) < (Number(svg.getAttribute("data-to")) - Number(svg.getAttribute("data-from"))) / 400) { choose(null, null); }
        start = null;
      });
    });
  });

  function typed() {
    var a = from.value ? Date.parse(from.value + "T00:00:00Z") / 1000 : -1e12;
    var b = to.value ? Date.parse(to.value + "T23:59:59Z") / 1000 : 1e12;
    if (!from.value && !to.value) { choose(null, null); return; }
    var keep = [from.value, to.value];
    choose(a, b);
    from.value = keep[0]; to.value = keep[1];
  }
  from.addEventListener("change", typed);
  to.addEventListener("change", typed);
  clear.addEventListener("click", function () { choose(null, null); });
  document.addEventListener("keydown", function (e) { if (e.key === "Escape") { choose(null, null); } });

  all(".legs li").forEach(function (item) {
    var line = document.getElementById("line-" + item.getAttribute("data-leg"));
    if (!line) { return; }
    ["mouseenter", "focusin"].forEach(function (n) { item.addEventListener(n, function () { line.classList.add("lit"); }); });
    ["mouseleave", "focusout"].forEach(function (n) { item.addEventListener(n, function () { line.classList.remove("lit"); }); });
  });
  window.addEventListener("beforeprint", function () { all("details").forEach(function (d) { d.open = true; }); });
})();
