@echo off
rem Run once. Installs the program into SW\@@environment, from SW\@@wheelhouse if that is here, else from the network.
rem Needs Python 3.11 or newer; another than that of the py launcher is named so: set PYTHON=C:\path\to\python.exe
setlocal
cd /d "%~dp0"
if not defined PYTHON set "PYTHON=py"
"%PYTHON%" -c "import sys; sys.exit(sys.version_info < (3, 11))" || goto no_python
"%PYTHON%" -m venv --clear @@environment || exit /b 1
set "FROM="
if exist @@wheelhouse\ set "FROM=--no-index --find-links @@wheelhouse"
for %%w in (*.whl) do set "WHEEL=%%w"
set "NEW=@@environment\Scripts\python.exe"
%NEW% -m pip install --disable-pip-version-check %FROM% --constraint @@lock ".\%WHEEL%" || exit /b 1
%NEW% -I -m cellseg --version
exit /b

:no_python
echo install.bat: "%PYTHON%" is not Python 3.11 or newer; name one with set PYTHON=C:\path\to\python.exe 1>&2
exit /b 1
