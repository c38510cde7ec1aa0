"""A headless Chromium driven through chromedriver's own protocol (W3C WebDriver over HTTP), with nothing but Python."""

import base64
import json
import re
import shutil
import subprocess
import urllib.request


def found():
    return bool(shutil.which('chromedriver') and (shutil.which('chromium') or shutil.which('google-chrome')))


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(['chromedriver', '--port=0'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = None
        for line in self.driver.stdout:
            match = re.search(r'on port ([0-9]+)', line)
            if match and 'successfully' in line:
                port = match.group(1)
                break
        self.base = 'http://127.0.0.1:%s' % port
        options = {'args': ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--disable-dev-shm-usage']}
        chromium = shutil.which('chromium')
        if chromium:
            options['binary'] = chromium
        answer = self.call('POST', '/session', {'capabilities': {'alwaysMatch': {
            'browserName': 'chrome', 'goog:chromeOptions': options, 'goog:loggingPrefs': {'browser': 'ALL'}}}})
        self.base += '/session/' + answer['sessionId']

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method, headers={'Content-Type': 'application/json'},
                                         data=None if method == 'GET' else json.dumps(body or {}).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)['value']

    def devtools(self, command, **parameters):
        return self.call('POST', '/goog/cdp/execute', {'cmd': command, 'params': parameters})

    def show(self, path, width, height, dark, phone=False):
        self.devtools('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.devtools('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.call('POST', '/url', {'url': 'file://' + path})

    def run(self, script, *arguments):
        return self.call('POST', '/execute/sync', {'script': script, 'args': list(arguments)})

    def click(self, selector):
        """As a person would: scrolled to, and refused when something lies over it."""
        element = self.call('POST', '/element', {'using': 'css selector', 'value': selector})
        reference = next(iter(element.values()))
        self.run('arguments[0].scrollIntoView({block: "center", behavior: "instant"})', element)
        self.call('POST', '/element/%s/click' % reference)

    def type(self, selector, text):
        element = self.call('POST', '/element', {'using': 'css selector', 'value': selector})
        reference = next(iter(element.values()))
        self.call('POST', '/element/%s/clear' % reference)
        self.call('POST', '/element/%s/value' % reference, {'text': text})

    def console(self):
        return self.call('POST', '/se/log', {'type': 'browser'})

    def picture(self, path, whole=True):
        shot = self.devtools('Page.captureScreenshot', captureBeyondViewport=whole, format='png', **(
            {'clip': {'x': 0, 'y': 0, 'scale': 1, 'width': self.run('return innerWidth'),
                      'height': self.run('return document.documentElement.scrollHeight')}} if whole else {}))
        with open(path, 'wb') as file:
            file.write(base64.b64decode(shot['data']))

    def close(self):
        try:
            self.call('DELETE', '')
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
