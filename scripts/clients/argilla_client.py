"""Exercises a honed with Argilla's own code: its webhook models, event schemas and signing.

    scripts/test-clients argilla

Argilla's server needs Elasticsearch; what it sends does not. Here its database models are filled without a database, and
its `notify_event` builds, signs and posts the events as its job does.
"""
# requires: argilla-server==2.8.0

import base64
import contextlib
import datetime
import json
import os
import pathlib
import secrets
import socket
import subprocess
import tempfile
import time
import uuid

import httpx
from argilla_server.models import (
    Dataset, Question, Record, Response, User, Webhook, Workspace)
from argilla_server.models.database import generate_webhook_secret
from argilla_server.webhooks.v1 import commons
from argilla_server.webhooks.v1.enums import RecordEvent, ResponseEvent
from argilla_server.webhooks.v1.schemas import RecordEventSchema, ResponseEventSchema
from fastapi.encoders import jsonable_encoder

BIN = pathlib.Path(os.environ.get("HONE_BIN", ".build/debug")).resolve()
NOW = datetime.datetime.utcnow


def check(name, holds, seen=None):
    if not holds:
        raise SystemExit(f"not so: {name}: {seen!r}")
    print(f"ok  {name}", flush=True)


class Honed:
    """A honed that takes what is signed with a webhook's secret."""

    def __init__(self, folder, secret):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        (folder / "honed.json").write_text(json.dumps({"argilla_secret": secret, "port": port}))
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [BIN / "honed", "--config", folder / "honed.json", "--data", folder / "data"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(self.url + "/readyz").is_success:
                    return
            time.sleep(0.1)
        raise SystemExit("honed did not listen within 10 seconds")

    def verdicts(self):
        return httpx.get(self.url + "/v1/feedback?source=argilla").json()["data"]

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def stamped(model, **fields):
    return model(id=uuid.uuid4(), inserted_at=NOW(), updated_at=NOW(), **fields)


def dataset():
    """A dataset of pairs with a label question, as Argilla's models have it."""
    question = stamped(
        Question, name="preference", title="Which is better?", description=None, required=True,
        settings={"type": "label_selection", "options": [
            {"value": word, "text": word} for word in ["response1", "response2", "tie"]]})
    return stamped(
        Dataset, name="pairs", guidelines=None, allow_extra_metadata=True, status="ready",
        distribution={"strategy": "overlap", "min_submitted": 1}, workspace=stamped(Workspace, name="people"),
        questions=[question], fields=[], metadata_properties=[], vectors_settings=[], last_activity_at=NOW())


def record(pairs):
    made = stamped(
        Record, status="pending", external_id=None, dataset=pairs,
        fields={"prompt": "Say hi", "response1": "Hi!", "response2": "Go away"})
    made.metadata_ = {"origin": "a test"}
    return made


def response(about, choice):
    user = stamped(User, first_name="Ada", last_name=None, username="ada", role="annotator")
    return stamped(
        Response, values={"preference": {"value": choice}}, status="submitted", record=about, user=user)


class Argilla:
    """Sends events as Argilla's job does, and keeps what was posted."""

    def __init__(self, webhook):
        self.webhook = webhook
        self.posted = []
        real = httpx.post

        def post(url, **fields):
            self.posted.append(fields)
            return real(url, **fields)

        commons.httpx.post = post

    def send(self, event, schema, model, at=None):
        data = jsonable_encoder(schema.model_validate(model).model_dump())
        return commons.notify_event(self.webhook, event.value, at or NOW(), data)

    def again(self, message, headers=None, content=None):
        """A message that was posted, sent by somebody else who has seen it."""
        return httpx.Client().post(
            self.webhook.url, headers=message["headers"] | (headers or {}),
            content=content or message["content"])


def verdicts(honed, argilla, one):
    made = argilla.send(ResponseEvent.created, ResponseEventSchema, one)
    stood = honed.verdicts()
    check("a response that Argilla's models and signature tell of is a verdict",
          made.status_code == 200 and [v["value"] for v in stood] == ["first"], (made.text, stood))
    check("with its texts and person", stood[0]["annotator"] == "ada"
          and [s["text"] for s in stood[0]["subjects"]] == ["Hi!", "Go away"], stood)
    created = argilla.posted[-1]
    check("delivered again, as its retries are, it changes nothing",
          argilla.again(created).status_code == 200 and len(honed.verdicts()) == 1)
    one.values = {"preference": {"value": "response2"}}
    argilla.send(ResponseEvent.updated, ResponseEventSchema, one)
    check("an updated response corrects it", [v["value"] for v in honed.verdicts()] == ["second"])
    check("a message that was recorded before, sent again, brings nothing back",
          argilla.again(created).status_code == 200
          and [v["value"] for v in honed.verdicts()] == ["second"], honed.verdicts())
    argilla.send(ResponseEvent.deleted, ResponseEventSchema, one)
    check("a deleted response takes it back", honed.verdicts() == [])
    check("for good", argilla.again(created).status_code == 200 and honed.verdicts() == [])
    done = argilla.send(RecordEvent.completed, RecordEventSchema, one.record)
    check("events of records are taken and say nothing", done.status_code == 200 and honed.verdicts() == [], done.text)


def refusals(honed, argilla, one):
    argilla.send(ResponseEvent.created, ResponseEventSchema, one)
    message = argilla.posted[-1]
    before = len(honed.verdicts())
    body = message["content"].replace("Go away", "Hello!")
    check("a body that was changed is refused", argilla.again(message, content=body).status_code == 401)
    for name in ["webhook-id", "webhook-timestamp"]:
        other = {name: "msg_other" if name == "webhook-id" else str(int(time.time()) + 1)}
        check(f"a {name} that was changed is refused", argilla.again(message, other).status_code == 401)
    old = datetime.datetime.utcnow() - datetime.timedelta(minutes=6)
    signature = commons.Webhook(argilla.webhook.secret).sign("msg_old", old, message["content"])
    check("a message of six minutes ago is refused, rightly signed as it is",
          argilla.again(message, commons._build_headers("msg_old", old, signature)).status_code == 401)
    stranger = base64.b64encode(secrets.token_bytes(64)).decode()
    now = datetime.datetime.utcnow()
    signature = commons.Webhook(stranger).sign("msg_x", now, message["content"])
    check("another secret's signature is refused",
          argilla.again(message, commons._build_headers("msg_x", now, signature)).status_code == 401)
    check("and nothing of this is kept", len(honed.verdicts()) == before)


def main():
    secret = generate_webhook_secret()
    with tempfile.TemporaryDirectory() as folder:
        honed = Honed(pathlib.Path(folder), secret)
        try:
            webhook = stamped(
                Webhook, url=honed.url + "/integrations/argilla/webhook", secret=secret, enabled=True,
                events=[event.value for event in ResponseEvent], description=None)
            argilla = Argilla(webhook)
            about = record(dataset())
            verdicts(honed, argilla, response(about, "response1"))
            refusals(honed, argilla, response(about, "response1"))
        finally:
            honed.end()


main()
