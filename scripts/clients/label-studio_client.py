"""Exercises a honed with the real Label Studio web app: tasks pushed from a run's queue, annotations by its API
as verdicts that the run learns from, its ML backend and webhook calls.

    scripts/test-clients label-studio

Label Studio runs on loopback with a database of its own in a temporary folder.
"""
# requires: label-studio==1.23.2 label-studio-sdk==2.1.2

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

import requests
from label_studio_sdk import LabelStudio

BIN = pathlib.Path(os.environ.get("HONE_BIN", ".build/debug")).resolve()
TOKEN = "0123456789abcdef0123456789abcdef01234567"
PAIRS = """<View>
  <Text name="prompt" value="$prompt"/>
  <Text name="answer1" value="$answer1"/>
  <Text name="answer2" value="$answer2"/>
  <Pairwise name="better" toName="answer1,answer2"/>
</View>"""
MANY = """<View>
  <Text name="prompt" value="$prompt"/>
  <List name="items" value="$items" title="Answers"/>
  <Ranker name="rank" toName="items"/>
  <Text name="answer1" value="$answer1"/>
  <Rating name="stars" toName="answer1"/>
  <Text name="answer2" value="$answer2"/>
  <Choices name="fine" toName="answer2"><Choice value="good"/><Choice value="bad"/></Choices>
</View>"""


def check(name, holds, seen=None):
    if not holds:
        raise SystemExit(f"not so: {name}: {seen!r}")
    print(f"ok  {name}", flush=True)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until(what, found, seconds=60):
    """What `found` gives as soon as that is anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.2)
    raise SystemExit(f"not within {seconds} s: {what}")


class Server:
    """A process on loopback whose output is kept; ended by its own id."""

    def __init__(self, log, command, **environment):
        self.log = open(log, "ab")
        self.process = subprocess.Popen(
            command, env=os.environ | environment, stdout=self.log, stderr=subprocess.STDOUT)

    def end(self, sort=signal.SIGTERM):
        self.process.send_signal(sort)
        self.process.wait(30)
        self.log.close()


def label_studio(folder, port):
    server = Server(
        folder / "label-studio.log",
        [str(pathlib.Path(sys.executable).parent / "label-studio"), "start", "--no-browser",
         "--internal-host", "127.0.0.1", "--port", str(port)],
        LABEL_STUDIO_BASE_DATA_DIR=str(folder / "label-studio"), LABEL_STUDIO_USERNAME="ada@example.org",
        LABEL_STUDIO_PASSWORD="not-a-secret", LABEL_STUDIO_USER_TOKEN=TOKEN,
        LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN="true", SSRF_PROTECTION_ENABLED="false",
        ML_BLOCK_LOCAL_IP="false", COLLECT_ANALYTICS="false", LATEST_VERSION_CHECK="false", SENTRY_DSN="",
        FRONTEND_SENTRY_DSN="")

    def healthy():
        with contextlib.suppress(OSError):
            return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok

    until("Label Studio answers", healthy, 180)
    return server


class Honed:
    """A honed with a configuration, and what is asked of it."""

    def __init__(self, folder, port, configuration):
        (folder / "honed.json").write_text(json.dumps(configuration | {"port": port}))
        self.url = f"http://127.0.0.1:{port}"
        self.server = Server(
            folder / "honed.log",
            [str(BIN / "honed"), "--config", str(folder / "honed.json"), "--data", str(folder / "data")])

        def ready():
            with contextlib.suppress(OSError):
                return requests.get(f"{self.url}/readyz", timeout=5).ok

        until("honed answers", ready)

    def get(self, path):
        return requests.get(self.url + path, timeout=30).json()

    def run(self, name, iterations):
        reply = requests.post(f"{self.url}/v1/runs", timeout=30, json={
            "name": name, "kind": "online", "model": "tiny", "objective": {"name": "dpo"},
            "prompts": {"items": ["one", "two", "three"]}, "feedback": {"mode": "human", "wait_seconds": 240},
            "sampling": {"group_size": 2, "max_tokens": 12}, "iterations": iterations,
            "prompts_per_iteration": 3, "seed": 3})
        check(f"the run {name} is submitted", reply.status_code == 202, reply.text)

    def verdicts(self, run):
        return self.get(f"/v1/feedback?run={run}&limit=1000")["data"]


class Annotator:
    """Somebody who works with Label Studio's own API."""

    def __init__(self, studio):
        self.studio = studio
        self.slowest = 0.0

    def timed(self, call, *arguments, **fields):
        start = time.monotonic()
        done = call(*arguments, **fields)
        self.slowest = max(self.slowest, time.monotonic() - start)
        return done

    def annotate(self, task, *results):
        return self.timed(self.studio.annotations.create, id=task.id, result=list(results), lead_time=2.5)


def side(word):
    return {"id": "r1", "type": "pairwise", "from_name": "better", "to_name": "answer1",
            "value": {"selected": word}}


def prefers(verdict, text):
    """Whether a stored verdict says that the completion with this text is the better one."""
    place = {"first": 0, "second": 1}.get(verdict["value"])
    return place is not None and verdict["subjects"][place]["text"] == text


def tasks(studio, project):
    return sorted(studio.tasks.list(project=project.id, fields="all"), key=lambda task: task.id)


def connect(studio, project, honed):
    """As an ML backend, which brings a webhook with it, and as a webhook of its own beside that."""
    root = honed.url + "/integrations/label-studio"
    backend = studio.ml.create(url=root, project=project.id, title="Hone", extra_params={"run": "people"})
    check("Label Studio connects Hone as its ML backend (/health, /setup)", backend.state == "CO", backend)
    hooks = requests.get(f"{STUDIO}/api/webhooks/?project={project.id}", headers=HEADERS, timeout=30).json()
    check("and sends it events", [hook["url"] for hook in hooks] == [root + "/webhook"], hooks)
    studio.webhooks.create(url=root + "/webhook", project=project.id, send_payload=True)
    return backend


def predictions(project, backend):
    url = f"{STUDIO}/api/dm/actions?id=retrieve_tasks_predictions&project={project.id}"
    done = requests.post(url, headers=HEADERS, json={"selectedItems": {"all": True, "excluded": []}}, timeout=30)
    kept = requests.get(f"{STUDIO}/api/predictions?project={project.id}", headers=HEADERS, timeout=30).json()
    check("/predict is answered, with no predictions", done.ok and kept == [], (done.text, kept))
    train = requests.post(f"{STUDIO}/api/ml/{backend.id}/train", headers=HEADERS, json={}, timeout=30)
    check("training that is asked for by hand is answered", train.ok, train.text)


def pairs(studio, folder, port, configuration, project, honed, person):
    honed.run("people", 2)
    first = until("the run's tasks are in the project",
                  lambda: (found := tasks(studio, project)) and len(found) == 3 and found)
    data = [task.data for task in first]
    check("tasks are pushed as the run asks", all(one["hone_run"] for one in data), data)
    check("nothing was labelled yet", honed.verdicts("people") == [])

    honed.server.end(signal.SIGKILL)
    honed = Honed(folder, port, configuration)
    made = person.annotate(first[0], side("left"))
    stood = honed.verdicts("people")
    check("an annotation is a verdict on the run's completions, once though it is delivered twice",
          len(stood) == 1 and prefers(stood[0], data[0]["answer1"]) and stood[0]["seconds"] == 2.5, stood)
    check("its annotator is known", stood[0]["annotator"] == "label-studio-1", stood)
    person.timed(studio.annotations.update, id=made.id, result=[side("right")])
    stood = honed.verdicts("people")
    check("an updated annotation corrects it", len(stood) == 1 and prefers(stood[0], data[0]["answer2"]), stood)
    gone = person.annotate(first[1], side("left"))
    check("a second one is another verdict", len(honed.verdicts("people")) == 2)
    person.timed(studio.annotations.delete, id=gone.id)
    check("a deleted annotation takes it back", len(honed.verdicts("people")) == 1)
    check("a kill of honed doubled no task", len(tasks(studio, project)) == 3)
    person.annotate(first[1], side("right"))
    person.annotate(first[2], side("left"))

    second = until("the second iteration's tasks are there",
                   lambda: (found := tasks(studio, project)) and len(found) == 6 and found[3:])
    for task in second:
        person.annotate(task, side("left"))
    state = until("the run ends", lambda: (run := honed.get("/v1/runs/people"))["state"] in
                  ("succeeded", "failed") and run)
    check("the run has learned and succeeded", state["state"] == "succeeded", state)
    stood = honed.verdicts("people")
    lineage = honed.get("/v1/runs/people/lineage")["data"]
    used = [one for entry in lineage for one in entry["feedback"]]
    check("each iteration learned from the annotations of its tasks",
          [len(entry["feedback"]) for entry in lineage] == [3, 3] and sorted(used) == [v["id"] for v in stood],
          lineage)
    check("they came through Label Studio", {v["source"] for v in stood} == {f"label-studio:{project.id}"}, stood)
    steps = honed.get("/v1/runs/people/metrics")["data"]
    check("the steps have a loss", len(steps) == 2 and all("policy/loss" in s["metrics"] for s in steps), steps)
    return honed


def controls(studio, honed, project, person):
    """<Ranker>, <Rating> and <Choices> on a run's tasks, which a personal access token pushed."""
    honed.run("ranked", 1)
    found = until("a second run's tasks are in its own project",
                  lambda: (found := tasks(studio, project)) and len(found) == 3 and found)
    for task in found:
        person.annotate(
            task,
            {"id": "a", "type": "ranker", "from_name": "rank", "to_name": "items",
             "value": {"ranker": {"rank": ["answer2", "answer1"]}}},
            {"id": "b", "type": "rating", "from_name": "stars", "to_name": "answer1", "value": {"rating": 2}},
            {"id": "c", "type": "choices", "from_name": "fine", "to_name": "answer2",
             "value": {"choices": ["good"]}})
    state = until("the run ends", lambda: (run := honed.get("/v1/runs/ranked"))["state"] in
                  ("succeeded", "failed") and run)
    check("a run learns from <Ranker>", state["state"] == "succeeded", state)
    stood = honed.verdicts("ranked")
    kinds = sorted(verdict["kind"] for verdict in stood)
    check("<Ranker>, <Rating> and <Choices> are verdicts on the run's completions",
          kinds == ["binary"] * 3 + ["pairwise"] * 3 + ["rating"] * 3, stood)
    answers = {task.data["answer2"] for task in found}
    ranked = [verdict for verdict in stood if verdict["kind"] == "pairwise"]
    check("the one ranked first is preferred",
          all(any(prefers(verdict, text) for text in answers) for verdict in ranked), ranked)
    used = [one for entry in honed.get("/v1/runs/ranked/lineage")["data"] for one in entry["feedback"]]
    check("and all of them are the run's", len(used) >= 7, used)


def main():
    global STUDIO, HEADERS
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as servers:
        folder = pathlib.Path(name)
        port = free_port()
        app = label_studio(folder, port)
        servers.callback(app.end)
        STUDIO, HEADERS = f"http://127.0.0.1:{port}", {"Authorization": f"Token {TOKEN}"}
        studio = LabelStudio(base_url=STUDIO, api_key=TOKEN)
        project = studio.projects.create(title="Pairs", label_config=PAIRS)
        other = studio.projects.create(title="Controls", label_config=MANY)
        requests.post(f"{STUDIO}/api/jwt/settings", headers=HEADERS, timeout=30, json={
            "api_tokens_enabled": True, "legacy_api_tokens_enabled": True})
        made = requests.post(f"{STUDIO}/api/token/", headers=HEADERS, timeout=30)
        check("Label Studio makes a personal access token", made.status_code == 201, made.text)
        subprocess.run(
            [str(BIN / "hone"), "create", "tiny", "--data", str(folder / "data"), "--tokenizer", "bytes",
             "--layers", "2", "--hidden", "32", "--heads", "2", "--context", "256"],
            check=True, stdout=subprocess.DEVNULL)
        hone = free_port()
        configuration = {"label_studio": [
            {"url": STUDIO, "project": project.id, "token": TOKEN, "run": "people"},
            {"url": STUDIO, "project": other.id, "token": made.json()["token"], "run": "ranked"}]}
        honed = Honed(folder, hone, configuration)
        person = Annotator(studio)
        try:
            backend = connect(studio, project, honed)
            connect(studio, other, honed)
            honed = pairs(studio, folder, hone, configuration, project, honed, person)
            predictions(project, backend)
            controls(studio, honed, other, person)
            check("no annotation took a second with its events", person.slowest < 1, person.slowest)
            print(f"    (the slowest of Label Studio's replies: {person.slowest:.2f} s)")
        except BaseException:
            print((folder / "honed.log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            honed.server.end()
            with contextlib.suppress(FileNotFoundError):
                log = (folder / "honed.log").read_text()
                check("no token is in honed's log", TOKEN not in log)


main()
